import type { Target } from "../../machine/target.schema.ts";
import { preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { chosenTile, keepTile, offered, pieces, registerBudget, touched, upTo } from "../tiles.ts";
import { SUMS } from "./dot.ts";
import type { Int8DepthwiseSizes } from "./int8-depthwise.kernel.ts";

type Axes = "n" | "g" | "go" | "gi" | "oh" | "oho" | "ohi" | "ow" | "owo" | "owi" | Taps;
type Taps = "kh" | "kw" | "k" | "lh" | "lw" | "l" | "ph" | "pw" | "qh" | "qw";

/** Register tile of a depthwise layer: rows and columns of sums, a vector of channels each. */
interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly cost: number;
}

/** Channels in lanes, a tile of pixels in registers, the whole window written out. Threads share vectors of channels. */
export const int8ChannelsInLanes: NamedSchedule<Int8DepthwiseSizes> = (
  generic,
  d,
  target,
  choose = preferred,
): Scheduled => {
  const tile = chosenTile(choose, tilesFor(d, target), ({ rows, columns }) => `${rows}x${columns}`);
  const { TH, TW, KH, KW } = d;
  const [rest, last] = [KH - 2 * TH, KW - 2 * TW];
  const nests = [
    ["kh", "kw", "k", TH * TW, "smlal_columns"],
    ["lh", "lw", "l", rest * TW, "smull_columns"],
    ["ph", "pw", undefined, TH * last, "smlal_rows"],
    ["qh", "qw", undefined, rest * last, "smull_row"],
  ] as const;
  const tiled = (generic as Schedule<Axes>)
    .pack("u", [outer(0, SUMS), ...dims(1, 2, 3, 4), inner(0, SUMS)])
    .split("g", SUMS, ["go", "gi"])
    .reorder("n", "go", "oh", "ow", "gi")
    .split("oh", tile.rows, ["oho", "ohi"], "cut")
    .reorder("ow", "ohi")
    .split("ow", tile.columns, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "ohi", "gi");
  const products = nests.reduce((s, [row, column, two, count, instruction]) => {
    if (count === 0) return s;
    const inside = two === undefined ? [] : [two];
    return s
      .reorder(row, column, "ohi", "owi", "gi", ...inside)
      .unroll(row, column)
      .tensorize("gi", instruction);
  }, tiled);
  return {
    schedule: products.unroll("owi", "ohi").vectorize("gi").parallel("n", "go"),
    choice: `${SUMS} channels in lanes, ${tile.rows} rows x ${tile.columns} columns in registers`,
    intents: [...keepTile(target), "load-again"],
  };
};

/** More columns than any tile has. */
const MOST_COLUMNS = 8;
const MOST_ROWS = 2;

/** Tiles worth trying, first the one with the fewest loads that leaves no small one at the end of a row. */
function tilesFor(d: Int8DepthwiseSizes, target: Target): readonly Tile[] {
  const budget = registerBudget(target);
  const tiles = upTo(Math.min(d.OH, MOST_ROWS)).flatMap((rows) =>
    upTo(Math.min(d.OW, MOST_COLUMNS)).flatMap((columns) => {
      // the weights of a row of the window, two of the numbers, and products under way
      if (rows * columns + d.KW + 4 > budget) return [];
      return [{ rows, columns, cost: tileCost(d, rows, columns) }];
    }),
  );
  return offered(tiles, ({ rows }) => `${rows}`);
}

/** Instructions of a tile beside its products and what becomes of its sums, for all of a map. */
function tileCost(d: Int8DepthwiseSizes, rows: number, columns: number): number {
  let cost = 0;
  for (const { length: h, count: down } of pieces(d.OH, rows))
    for (const { length: w, count: across } of pieces(d.OW, columns))
      cost +=
        down * across * (touched(h, d.KH, d.SH, d.DH) * touched(w, d.KW, d.SW, d.DW) + d.KH * d.KW + TILE);
  return cost;
}

/** What beginning a tile takes. A policy. */
const TILE = 4;
