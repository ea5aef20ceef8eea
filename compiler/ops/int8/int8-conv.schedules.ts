import type { StorageDim } from "../../ir/storage.ts";
import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { divisors, preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { defined } from "../../support/assert.ts";
import { dims, inner, middle, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { type ProductTile, productKind, productLabel } from "../product-tiles.ts";
import { chosenTile, keepTile, offered, registerBudget } from "../tiles.ts";
import { type Dot, dotOf, dotTiles, FOUR, int8Times, SUMS } from "./dot.ts";
import type { Int8Sizes } from "./int8-conv.kernel.ts";

type Axes =
  | ("n" | "g" | "rb")
  | ("vh" | "vw" | "ci" | "vwo" | "vwi" | "cio" | "cii")
  | ("oc" | "oco" | "oct" | "ocv" | "oci" | "tr" | "tro" | "tri" | "ow" | "owo" | "owi")
  | ("kh" | "kw" | "ic" | "ico" | "icu" | "icq" | "ici" | "ich" | "ick");

/**
 * A block of the input's rows as i8 first, then its products with the weights of a block of channels after the other, those of a tile of
 * pixels x channel vectors in registers: four products of a lane by one instruction. Threads share the blocks of rows; of one
 * block the channels, of the input, then of the output.
 */
export const int8InLanes: NamedSchedule<Int8Sizes> = (generic, d, target, choose = preferred): Scheduled => {
  const dot = defined(dotOf(target), "an instruction that sums products of i8");
  const tile = chosenTile(choose, int8Tiles(d, target), productLabel);
  const { rows, columns, ocv } = tile;
  const oct = ocv * SUMS;
  const ordered = quantized(generic as Schedule<Axes>, d, target.isa.lanes)
    .pack("u", [...dims(0), outer(1, oct), ...dims(2, 3), outer(4, FOUR), ...foursOf(oct, dot)])
    .split("oc", oct, ["oco", "oct"])
    .split("oct", SUMS, ["ocv", "oci"])
    .split("tr", rows, ["tro", "tri"])
    .split("ow", columns, ["owo", "owi"])
    .reorder("oco", "tro", "owo", "tri", "owi", "ocv", "oci")
    .stage("acc", "owo")
    .fission("tri", "owi", "ocv", "oci")
    .split("ic", FOUR, ["icq", "ici"])
    .split("icq", writtenOut(d.PC / FOUR), ["ico", "icu"])
    .reorder("kh", "kw", "ico", "icu", "tri", "owi", "ocv", "oci", "ici");
  const schedule = (dot.pairs ? ordered.split("ici", FOUR / 2, ["ich", "ick"]) : ordered)
    .tensorize("oci", dot.instruction)
    .unroll(...(d.PC === FOUR && d.KW <= MOST_TAPS ? (["kw"] as const) : []), "icu", "tri", "owi", "ocv")
    .vectorize("oci");
  return {
    schedule: d.N * d.G * d.RB > 1 ? schedule.parallel("n", "g", "rb") : schedule.parallel("cio", "oco"),
    choice: `blocks of ${d.TR} rows, products ${rows * columns} pixels x ${oct} channels`,
    intents: keepTile(target),
  };
};

/** Fours of weights of a tile's channels: of each channel after the other, or of each vector of sums the first pairs of its channels, then the second. */
function foursOf(oct: number, { pairs }: Dot): readonly StorageDim[] {
  if (!pairs) return [inner(1, oct), inner(4, FOUR)];
  return [middle(1, oct, SUMS), middle(4, FOUR, FOUR / 2), inner(1, SUMS), inner(4, FOUR / 2)];
}

/** The block's numbers of steps: of a vector of channels after the other, those of all pixels. */
function quantized(s: Schedule<Axes>, { VW }: Sizes<"VW">, lanes: number): Schedule<Axes> {
  const pixels = Math.max(...divisors(VW).filter((n) => n <= 8));
  return s
    .split("ci", lanes, ["cio", "cii"])
    .split("vw", pixels, ["vwo", "vwi"])
    .reorder("cio", "vh", "vwo", "vwi", "cii")
    .unroll("vwi")
    .vectorize("cii");
}

/** Taps of a row that are written out where each has one four of channels. */
const MOST_TAPS = 7;

/** Fours of input channels written out one after another. */
function writtenOut(fours: number): number {
  return Math.max(...divisors(fours).filter((n) => n <= 4));
}

/** Tiles worth trying, first the one with the fewest loads for each instruction that multiplies. */
function int8Tiles(d: Sizes<"TR OW OC">, target: Target): readonly ProductTile[] {
  const times = defined(int8Times(target), "what products of i8 take");
  const tiles = dotTiles(d, target.isa.lanes, registerBudget(target), times);
  return offered(tiles, productKind);
}
