import type { Sizes } from "../../language/kernel.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import type { GatherAtSizes } from "../select/gather-at.kernel.ts";
import { upTo } from "../tiles.ts";

type ImageAxes = "n" | "c" | "h" | "w";
type LineAxes = "m" | "k" | "l";

/** Channels in lanes, a few columns written out (take). */
export const takeInLanes: NamedSchedule<Sizes<"W">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const tile = upTo(4).reduce((best, t) => (d.W % t === 0 ? t : best), 1);
  const schedule = (generic as Schedule<ImageAxes>)
    .split("c", lanes, ["co", "ci"])
    .reorder("n", "co", "h", "w", "ci")
    .split("w", tile, ["wo", "wi"])
    .unroll("wi")
    .vectorize("ci")
    .parallel("n", "co", "h");
  return { schedule, choice: `${lanes} channels in lanes` };
};

/** Whatever lies behind the dimension in lanes (take-axis). */
export const takeRuns: NamedSchedule<Sizes<"L">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const s = generic as Schedule<LineAxes>;
  if (d.L < lanes) return { schedule: s.parallel("m", "k"), choice: "element by element" };
  const schedule = s.split("l", lanes, ["lo", "li"], "cut").vectorize("li").parallel("m", "k");
  return { schedule, choice: `${lanes} neighbours in lanes` };
};

/** Rows one after another, in lanes where their columns are taken as they are (take of planar images). */
export const takeRows: NamedSchedule<Sizes<"W COLUMNS">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const s = generic as Schedule<ImageAxes>;
  if (d.COLUMNS || d.W < lanes) return { schedule: s.parallel("n", "c", "h"), choice: "element by element" };
  const schedule = s.split("w", lanes, ["wo", "wi"], "cut").vectorize("wi").parallel("n", "c", "h");
  return { schedule, choice: `${lanes} columns in lanes` };
};

/** The same of what computed indices choose, where one serves a whole run (gather-at). */
export const gatherRuns: NamedSchedule<GatherAtSizes> = (generic, d, target): Scheduled => {
  if (d.EACH) return { schedule: generic, choice: "element by element" };
  return takeRuns(generic, d, target);
};
