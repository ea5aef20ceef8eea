import type { Target } from "../../machine/target.schema.ts";
import { preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { LINE_BYTES } from "../estimate/memory-waits.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { productLabel } from "../product-tiles.ts";
import { chosenTile } from "../tiles.ts";
import type { ProductAxes } from "../winograd/products.schedules.ts";
import { packed, pairIntents, pairProducts, pairTiles } from "./pairs.schedules.ts";
import type { StrassenSizes } from "./strassen.kernel.ts";

/** Loops: blocks of pairs, those of the sums of inputs, of the products, of the outputs. */
type Axes =
  | ("n" | "g" | "rb" | "cb")
  | ("tr" | "tc" | "tro" | "tri" | "tco" | "tci" | "kh" | "kw" | "i" | "p" | "ci" | "cio" | "cii")
  | ProductAxes
  | ("qr" | "qc" | "h" | "j");

/**
 * For a block of output channels at a time all seven products, a tile of pairs x channel vectors in registers, input channels by
 * lane, then its outputs: what is between lies in the first cache. Threads share the blocks of pairs.
 */
export const strassenInLanes: NamedSchedule<StrassenSizes> = (
  generic,
  d,
  target,
  choose = preferred,
): Scheduled => {
  const { lanes } = target.isa;
  const tile = chosenTile(choose, pairTiles(d, target), productLabel);
  const oct = tile.ocv * lanes;
  const start = packed(generic as Schedule<Axes>, tile, lanes)
    .split("ci", lanes, ["cio", "cii"])
    .split("tr", tile.rows, ["tro", "tri"])
    .split("tc", tile.columns, ["tco", "tci"])
    .reorder("tro", "cio", "kh", "kw", "tri", "tco", "tci", "cii")
    .stage("d", "tci")
    .fission("cii")
    .reorder("i", "p", "cii")
    .unroll("tci", "i", "p")
    .vectorize("cii");
  const asked =
    target.core.model !== undefined && d.N * d.G * d.IH * d.IW * d.HIC * 8 > target.core.l1dBytes
      ? start.prefetchIfFew("x", "cio", 1, { tci: pairsOfLine(target, d.SW), i: 1 }, "tco")
      : start;
  const sums = pairProducts(asked, d, target, tile);
  return {
    schedule: outputs(sums, d, target),
    choice: `blocks of ${d.TR} x ${d.TC} pairs, products ${tile.rows * tile.columns} pairs x ${oct} channels`,
    intents: pairIntents(tile, target),
  };
};

/** Pairs of pixels, so far apart, of which the first lies in a line of its own. */
function pairsOfLine({ isa }: Target, apart: number): number {
  return Math.max(1, Math.floor(LINE_BYTES / 4 / isa.lanes / 2 / apart));
}

/** Of a block of output channels after the other, with the products that it needs. */
function outputs(
  s: Schedule<"n" | "g" | "rb" | "cb" | "qr" | "qc" | "h" | "j" | "coo" | "cov" | "coi">,
  d: StrassenSizes,
  target: Target,
): Schedule {
  const done = s
    .reorder("coo", "qr", "qc", "cov", "coi")
    .stage("q", "cov")
    .fission("coi")
    .reorder("h", "j", "coi")
    .unroll("cov", "h", "j")
    .vectorize("coi")
    .computeAt("m", "coo");
  const rows = { h: 1, cov: 1, qc: pairsOfLine(target, 1) };
  const asked =
    d.RES && target.core.model !== undefined && d.TR > 1 ? done.prefetchIfFew("r", "qr", 1, rows) : done;
  return asked.parallel("n", "g", "rb", "cb");
}
