import { STACK_BYTES } from "../../lower/large-arrays.ts";
import type { Target } from "../../machine/target.schema.ts";
import { preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { type ProductTile, productLabel } from "../product-tiles.ts";
import { chosenTile } from "../tiles.ts";
import type { ProductAxes } from "../winograd/products.schedules.ts";
import { packed, pairIntents, pairProducts, pairTiles } from "./pairs.schedules.ts";
import type { StrassenOddSizes } from "./strassen-odd.kernel.ts";
import { PRODUCTS } from "./strassen-weights.ts";

/** Loops: sums of the inputs of pairs of rows, of the last row's, of the last pixel; the products; the outputs in the same order. */
type Axes =
  | ("n" | "g")
  | ("tr" | "tc" | "kh" | "kw" | "ci" | "i" | "p" | "te" | "eh" | "ew" | "ce" | "ie" | "pe")
  | ("tl" | "lh" | "lw" | "cl" | "il")
  | ProductAxes
  | Exclude<OutputAxes, "coo" | "cov" | "coi">;

/**
 * As Strassen's algorithm of even maps, all pairs of the map in one block; sums and outputs are written out for each pixel, so that
 * where it lies is known. Threads share the channels of the inputs, then those of the outputs.
 */
export const strassenOddInLanes: NamedSchedule<StrassenOddSizes> = (
  generic,
  d,
  target,
  choose = preferred,
): Scheduled => {
  const { lanes } = target.isa;
  const tile = chosenTile(choose, tilesOnStack(d, target), productLabel);
  const oct = tile.ocv * lanes;
  const start = packed(generic as Schedule<Axes>, tile, lanes);
  const sums = pairProducts(inputs(start, lanes), d, target, tile);
  return {
    schedule: outputs(sums).parallel("n", "g", "cio", "ceo", "clo", "coo"),
    choice: `${d.TC} pairs, products ${tile.rows * tile.columns} pairs x ${oct} channels`,
    intents: pairIntents(tile, target),
  };
};

/** Of a vector of channels after the other, those of all pixels. */
function inputs(s: Schedule<Axes>, lanes: number) {
  return s
    .split("ci", lanes, ["cio", "cii"])
    .split("ce", lanes, ["ceo", "cei"])
    .split("cl", lanes, ["clo", "cli"])
    .reorder("cio", "kh", "kw", "tr", "tc", "cii")
    .reorder("ceo", "eh", "ew", "te", "cei")
    .reorder("clo", "lh", "lw", "tl", "cli")
    .stage("d", "tc")
    .stage("e", "te")
    .stage("l", "tl")
    .fission("cii")
    .fission("cei")
    .fission("cli")
    .reorder("i", "p", "cii")
    .reorder("ie", "pe", "cei")
    .reorder("il", "cli")
    .unroll("tr", "tc", "i", "p", "te", "ie", "pe", "tl", "il")
    .vectorize("cii")
    .vectorize("cei")
    .vectorize("cli");
}

type OutputAxes = "qr" | "qc" | "h" | "j" | "qe" | "he" | "je" | "ql" | "hl" | "coo" | "cov" | "coi";

/** Of a block of output channels after the other, with the products that it needs. */
function outputs<A extends string>(s: Schedule<OutputAxes | A>): Schedule<OutputAxes | A> {
  return s
    .fission("coi")
    .fission("cov")
    .reorder("qr", "qc", "cov", "coi")
    .reorder("qe", "cov", "coi")
    .reorder("ql", "cov", "coi")
    .stage("q", "cov")
    .stage("f", "cov")
    .stage("z", "cov")
    .fission("coi")
    .reorder("h", "j", "coi")
    .reorder("he", "je", "coi")
    .reorder("hl", "coi")
    .unroll("cov", "h", "j", "he", "je", "ql", "hl")
    .vectorize("coi")
    .computeAt("m", "coo");
}

/** Tiles whose products of all pairs a thread keeps on its stack: else one thread would have them all. */
function tilesOnStack(d: StrassenOddSizes, target: Target): readonly ProductTile[] {
  const { lanes } = target.isa;
  return pairTiles(d, target).filter(({ ocv }) => d.TC * ocv * lanes * PRODUCTS * 4 <= STACK_BYTES);
}
