import type { Intent } from "../../artifact/intent.ts";
import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { LINE_BYTES } from "../estimate/memory-waits.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { chosenTile, keepTile, registerBudget } from "../tiles.ts";
import { type ProductAxes, products } from "../winograd/products.schedules.ts";
import { type ProductTile, productLabel, productTiles } from "../winograd/winograd-blocks.ts";
import type { StrassenSizes } from "./strassen.kernel.ts";

/** Loops: blocks of pairs, those of the sums of inputs, of the products, of the outputs. */
type Axes =
  | ("n" | "g" | "rb" | "cb")
  | ("tr" | "tc" | "tro" | "tri" | "tco" | "tci" | "i" | "p" | "ci" | "cio" | "cii")
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
  const start = (generic as Schedule<Axes>)
    .pack("u", [...dims(0), outer(2, oct), ...dims(1, 3), inner(2, oct)])
    .pack("v", [
      ...[...dims(3), outer(0, tile.rows), outer(1, tile.columns), outer(2, lanes)],
      ...[inner(0, tile.rows), inner(1, tile.columns), inner(2, lanes)],
    ])
    .pack("m", [...dims(3, 0, 1), outer(2, oct), inner(2, oct)])
    .split("ci", lanes, ["cio", "cii"])
    .split("tr", tile.rows, ["tro", "tri"])
    .split("tc", tile.columns, ["tco", "tci"])
    .reorder("tro", "cio", "tri", "tco", "tci", "cii")
    .stage("d", "tci")
    .fission("cii")
    .reorder("i", "p", "cii")
    .unroll("tci", "i", "p")
    .vectorize("cii");
  const asked =
    target.core.model !== undefined && d.N * d.G * d.IH * d.IW * d.HIC * 8 > target.core.l1dBytes
      ? start.prefetchIfFew("x", "cio", 1, { tci: pairsOfLine(target, d.SW), i: 1 }, "tco")
      : start;
  const sums = products(asked, d, target, tile, ["k"], { phases: [], channels: d.HIC })
    .unroll("icu", "ici", "mri", "mci", "ocv")
    .vectorize("oci");
  return {
    schedule: outputs(sums, d, target),
    choice: `blocks of ${d.TR} x ${d.TC} pairs, products ${tile.rows * tile.columns} pairs x ${oct} channels`,
    intents: pairIntents(tile, target),
  };
};

/** Part of the first cache that the weights of a tile's channels and its pairs' sums may take: else they drive each other out. A policy. */
const STAYS = 0.65;
/** Loads for each multiply-add that a tile is worse by which does not stay. A policy: 16 channels of many go before four that stay. */
const DRIVEN_OUT = 0.1;
/** The same of a tile of an odd number of vectors: weights are loaded in pairs, of which one belongs to the next channel. Fitted; a core in order, which waits for loads, has more of a larger tile. */
const ODD_VECTORS = 0.05;

/** Tiles worth trying, first the one with the fewest loads, weights that do not stay in the first cache counted in. */
export function pairTiles(
  { TR, TC, HOC, HIC }: Sizes<"TR TC HOC HIC">,
  target: Target,
): readonly ProductTile[] {
  const { isa, core } = target;
  const cost = ({ rows, columns, ocv, cost: loads }: ProductTile): number => {
    const stays = (rows * columns + ocv * isa.lanes) * HIC * 4 <= STAYS * core.l1dBytes;
    return loads + (stays ? 0 : DRIVEN_OUT) + (ocv % 2 === 0 || core.inOrder ? 0 : ODD_VECTORS);
  };
  return [...productTiles(TR, TC, HOC, isa.lanes, registerBudget(target))].sort((a, b) => cost(a) - cost(b));
}

/**
 * A tile of an odd number of vectors has weights loaded together with the next channel's: those live longer, and the allocator that
 * otherwise keeps accumulators where they are moves them (up to a fifth of all instructions; modelled A76).
 */
export function pairIntents({ ocv }: ProductTile, target: Target): readonly Intent[] {
  return keepTile(target).filter((intent) => ocv % 2 === 0 || intent !== "keep-registers");
}

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
