import type { Memory } from "../../ir/stmt.ts";
import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { rowBelow } from "../row-below.ts";
import { registerBudget, upTo } from "../tiles.ts";

type PoolAxes = "n" | "c" | "oh" | "ow" | "kh" | "kw" | "iw";
type MapAxes = "n" | "c" | "h" | "w";

/** Columns of outputs of a tile, at most. A policy. */
const MOST_COLUMNS = 8;

/**
 * Windows in rows (max-pool, avg-pool): channels in lanes, of a tile of outputs what the columns of its windows give, then what these do.
 * Columns that registers do not hold lie on the stack where other windows see them, too.
 */
export const poolInLanes: NamedSchedule<PoolSizes> = (generic, d, target): Scheduled => {
  const columns = columnsOf(1, d);
  const shared = d.OW > 1 && columns + 1 > registerBudget(target);
  const make = shared || columns > MOST_WRITTEN_OUT ? columnsOnStack : columnsInRegisters;
  return make(generic as Schedule<PoolAxes>, d, target);
};

/** Columns of one window alone that are written out, at most, whatever registers there are. A policy. */
const MOST_WRITTEN_OUT = 256;

type PoolSizes = Sizes<"N C IH IW OH OW KH KW SH SW DW">;

function columnsInRegisters(generic: Schedule<PoolAxes>, d: PoolSizes, target: Target): Scheduled {
  const { lanes } = target.isa;
  const tile = tileInRegisters(d, target);
  const columns = inTiles(generic, tile, lanes, "register")
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
}

/** Columns of a tile on the stack: those of two windows, which then are seen twice at most, and more where they are few. A policy. */
const COLUMNS = 128;

/** Windows of many columns: loops over them, one sum at a time. */
function columnsOnStack(generic: Schedule<PoolAxes>, d: PoolSizes, target: Target): Scheduled {
  const { lanes } = target.isa;
  const more = Math.max(COLUMNS, 2 * columnsOf(1, d)) - columnsOf(1, d);
  const most = 1 + Math.floor(more / d.SW);
  const tile = Math.ceil(d.OW / Math.ceil(d.OW / most));
  const schedule = inTiles(generic, tile, lanes, "stack")
    .pack("column", dims(1, 0))
    .stage("part", "iw")
    .stage("acc", "owi")
    .fission("ci")
    .reorder("kh", "ci")
    .reorder("kw", "ci")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${lanes} channels in lanes, ${tile} columns at a time` };
}

function inTiles(generic: Schedule<PoolAxes>, tile: number, lanes: number, memory: Memory) {
  return generic
    .split("c", lanes, ["co", "ci"])
    .reorder("n", "co", "oh", "ci")
    .stage("column", "oh", memory)
    .fission("ci")
    .reorder("iw", "ci")
    .reorder("ow", "ci")
    .split("ow", tile, ["owo", "owi"], "cut")
    .computeAt("column", "owo");
}

/** Columns that the windows of a tile of outputs lie in. */
function columnsOf(tile: number, { KW, SW, DW }: Sizes<"KW SW DW">): number {
  return (tile - 1) * SW + (KW - 1) * DW + 1;
}

/** Outputs of a tile: tiles of a row as equal as they can be, with registers for the columns of their windows. */
function tileInRegisters(d: PoolSizes, target: Target): number {
  const fits = (tile: number): boolean => columnsOf(tile, d) + tile <= registerBudget(target);
  const most = upTo(MOST_COLUMNS).findLast(fits) ?? 1;
  return Math.ceil(d.OW / Math.ceil(d.OW / most));
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
