import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { laneWidth } from "../tiles.ts";

type ReduceAxes = "a" | "b" | "c" | "d" | "e" | "l" | "k";

/** Parts of a row side by side in lanes, joined at its end (reduce-rows, layer-norm). */
export const rowPartsInLanes: NamedSchedule<Sizes<"L DL">> = (generic, d): Scheduled => {
  if (d.DL === 0) return { schedule: generic.parallel("a", "c"), choice: "plain loops" };
  const schedule = (generic as Schedule<ReduceAxes>)
    .stage("part", "b")
    .fission("l")
    .reorder("k", "l")
    .vectorize("l")
    .parallel("a", "c");
  return { schedule, choice: `${d.L} parts of a row in lanes` };
};

/** Neighbours that are kept in lanes (reduce-columns). */
export const columnsInLanes: NamedSchedule<Sizes<"E">> = (generic, d, target): Scheduled => {
  const width = laneWidth(d.E, target.isa.lanes);
  const schedule = (generic as Schedule<ReduceAxes>)
    .split("e", width, ["eo", "ei"], "cut")
    .stage("acc", "eo")
    .fission("ei")
    .reorder("b", "ei")
    .stage("part", "b")
    .fission("ei")
    .reorder("d", "ei")
    .vectorize("ei")
    .parallel("a", "c");
  return { schedule, choice: `${width} neighbours in lanes` };
};

export function pickColumns(_s: Schedule, d: Sizes<"E">, target: Target): "in-lanes" | "plain" {
  return d.E >= target.isa.lanes ? "in-lanes" : "plain";
}
