import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { rowBelow } from "../row-below.ts";
import { registerBudget, upTo } from "../tiles.ts";

type PoolAxes = "n" | "c" | "oh" | "ow" | "kh" | "kw" | "iw";
type MapAxes = "n" | "c" | "h" | "w";

/** Columns of outputs of a tile, at most. A policy. */
const MOST_COLUMNS = 8;

/** Windows in rows (max-pool, avg-pool): channels in lanes, of a tile of outputs what the columns of its windows give, then what these do. */
export const poolInLanes: NamedSchedule<Sizes<"N C IH IW OH OW KH KW SH SW DW">> = (
  generic,
  d,
  target,
): Scheduled => {
  const { lanes } = target.isa;
  const tile = columnsInRegisters(d, target);
  const columns = (generic as Schedule<PoolAxes>)
    .split("c", lanes, ["co", "ci"])
    .reorder("n", "co", "oh", "ci")
    .stage("column", "oh")
    .fission("ci")
    .reorder("iw", "ci")
    .reorder("ow", "ci")
    .split("ow", tile, ["owo", "owi"], "cut")
    .computeAt("column", "owo")
    .stage("part", "owo")
    .stage("acc", "owo")
    .fission("iw", "owi", "ci")
    .reorder("kh", "iw", "ci")
    .reorder("kw", "owi", "ci");
  const asked = rowBelow(columns, d, { channels: d.N * d.C, target, rows: "oh", pixels: "iw" });
  // columns that no other window sees are as many as elements: rows written out leave nothing beside these
  const rows = d.KW * d.DW <= d.SW ? (["kh"] as const) : [];
  const schedule = asked
    .unroll(...rows, "iw", "owi", "kw")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${lanes} channels in lanes, ${tile} columns in registers` };
};

/** Outputs of a tile: tiles of a row as equal as they can be, with registers for the columns of their windows. */
function columnsInRegisters({ OW, KW, SW, DW }: Sizes<"OW KW SW DW">, target: Target): number {
  const columns = (tile: number): number => (tile - 1) * SW + (KW - 1) * DW + 1;
  const fits = (tile: number): boolean => columns(tile) + tile <= registerBudget(target);
  const most = upTo(MOST_COLUMNS).findLast(fits) ?? 1;
  return Math.ceil(OW / Math.ceil(OW / most));
}

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
