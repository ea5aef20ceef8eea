import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { laneWidth } from "../tiles.ts";

type ImageAxes = "n" | "c" | "h" | "w" | "i" | "j" | "p" | "q";
type RowAxes = "m" | "k" | "l" | "a" | "b";

/** Channels in lanes: sums, then squares, then what is stored (instance-norm). */
export const mapsInLanes: NamedSchedule = (generic, _d, target): Scheduled => {
  const schedule = (generic as Schedule<ImageAxes>)
    .split("c", target.isa.lanes, ["co", "ci"])
    .stage("sum", "co")
    .stage("squares", "co")
    .stage("gain", "co")
    .fission("ci")
    .reorder("h", "ci")
    .stage("row", "h")
    .reorder("i", "ci")
    .stage("part", "i")
    .reorder("p", "q", "ci")
    .fission("ci")
    .reorder("w", "ci")
    .reorder("j", "ci")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${target.isa.lanes} channels in lanes` };
};

/** Parts of a row in lanes, and neighbours where it is stored (layer-norm). */
export const rowsInLanes: NamedSchedule<Sizes<"K L">> = (generic, d, target): Scheduled => {
  const schedule = (generic as Schedule<RowAxes>)
    .stage("part", "m")
    .stage("square", "m")
    .fission("l")
    .reorder("a", "l")
    .reorder("b", "l")
    .vectorize("l")
    .split("k", laneWidth(d.K, target.isa.lanes), ["ko", "ki"], "cut")
    .vectorize("ki")
    .parallel("m");
  return { schedule, choice: `${d.L} parts of a row in lanes` };
};

export function pickRows(_s: Schedule, d: Sizes<"DL">, _target: Target): "in-lanes" | "plain" {
  return d.DL > 0 ? "in-lanes" : "plain";
}
