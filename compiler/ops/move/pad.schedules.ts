import type { NamedSchedule, Scheduled } from "../op.ts";

/** Rows of the strips at the top and the bottom, and of those with x between the others. */
const ROWS = ["ht", "h", "hb"] as const;
/** Columns of each strip, and of what lies between the others. */
const COLUMNS = ["wt", "wl", "w", "wr", "wb"] as const;

/** Channels in lanes, a row after the other (pad). */
export const padInLanes: NamedSchedule = (generic, _d, target): Scheduled => {
  const { lanes } = target.isa;
  const split = generic.split("c", lanes, ["co", "ci"]).fission("ci");
  const there = (axis: string): boolean => split.extent(axis) > 0;
  const rows = ROWS.filter(there).reduce((s, row) => s.reorder(row, "ci"), split);
  const columns = COLUMNS.filter(there).reduce((s, column) => s.reorder(column, "ci"), rows.fission("ci"));
  return { schedule: columns.vectorize("ci").parallel("n", "co"), choice: `${lanes} channels in lanes` };
};
