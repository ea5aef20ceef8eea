import type { Sizes } from "../../language/kernel.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { upTo } from "../tiles.ts";

type PoolAxes = "n" | "c" | "oh" | "ow" | "kh" | "kw";
type MapAxes = "n" | "c" | "h" | "w";

/** Channels in lanes, a row of outputs in registers (max-pool, avg-pool). */
export const poolInLanes: NamedSchedule<Sizes<"OW">> = (generic, d, target): Scheduled => {
  const tile = upTo(8).reduce((best, t) => (d.OW % t === 0 ? t : best), 1);
  const schedule = (generic as Schedule<PoolAxes>)
    .split("c", target.isa.lanes, ["co", "ci"])
    .reorder("n", "co", "oh", "ow", "ci")
    .split("ow", tile, ["owo", "owi"])
    .stage("acc", "owo")
    .fission("owi", "ci")
    .reorder("kh", "kw", "owi", "ci")
    .unroll("owi", "kw")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${target.isa.lanes} channels in lanes, ${tile} columns in registers` };
};

/** Channels in lanes, one sum a block and one a row (global-avg-pool). */
export const globalPoolInLanes: NamedSchedule = (generic, _d, target): Scheduled => {
  const schedule = (generic as Schedule<MapAxes>)
    .split("c", target.isa.lanes, ["co", "ci"])
    .stage("acc", "co")
    .fission("ci")
    .reorder("h", "ci")
    .stage("row", "h")
    .fission("ci")
    .reorder("w", "ci")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${target.isa.lanes} channels in lanes` };
};
