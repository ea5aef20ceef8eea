import type { Sizes } from "../../language/kernel.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { upTo } from "../tiles.ts";

/** Columns of a tile, at most. A policy. */
const MOST_COLUMNS = 8;

/** Channels in lanes, columns of a row of places in registers: windows wherever they lie. */
export const placesInLanes: NamedSchedule<Sizes<"OW">> = (generic, { OW }, { isa: { lanes } }): Scheduled => {
  const tile = upTo(MOST_COLUMNS).findLast((columns) => OW % columns === 0) ?? 1;
  const schedule = (generic as Schedule<"n" | "c" | "oh" | "ow" | "kh" | "kw">)
    .split("c", lanes, ["co", "ci"])
    .reorder("n", "co", "oh", "ow", "ci")
    .split("ow", tile, ["owo", "owi"])
    .stage("acc", "owo")
    .fission("owi", "ci")
    .reorder("kh", "kw", "owi", "ci")
    .unroll("owi", "kw")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${lanes} channels in lanes, ${tile} columns in registers` };
};
