import type { StorageDim } from "../../ir/storage.ts";
import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { divisors, preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims, inner, middle, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { type ProductTile, productKind, productLabel } from "../product-tiles.ts";
import { chosenTile, keepTile, offered, registerBudget } from "../tiles.ts";
import { type Dot, dotOf, dotTiles, FOUR, SUMS, type TimedDot } from "./dot.ts";
import type { Int8Sizes } from "./int8-conv.kernel.ts";

type Axes =
  | ("n" | "g" | "rb")
  | ("vh" | "vw" | "ci" | "vwo" | "vwi" | "cio" | "cir" | "cim" | "cii")
  | ("oc" | "oco" | "oct" | "ocv" | "oci" | "tr" | "tro" | "tri" | "ow" | "owo" | "owi")
  | ("pr" | "pro" | "pri" | "pc" | "pco" | "pci" | "wh" | "ww" | "wi" | "wib" | "wii")
  | ("kh" | "kw" | "ic" | "icb" | "ico" | "icu" | "ici" | "ick");

/**
 * A block of the input's rows as i8 first, then its products with the weights of a block of channels after the other, those of a tile of
 * pixels x channel vectors in registers: four products of a lane by one instruction. Threads share the blocks of rows; of one
 * block the channels, of the input, then of the output.
 */
export const int8InLanes: NamedSchedule<Int8Sizes> = (generic, d, target, choose = preferred): Scheduled => {
  const dot = dotOf(target, d.TERMS ?? 1);
  const { channels } = dot;
  const tile = chosenTile(choose, int8Tiles(d, dot, target), productLabel);
  const { rows, columns, ocv } = tile;
  const oct = ocv * SUMS;
  const blocks = quantized(generic as Schedule<Axes>, d, dot, target.isa.lanes);
  const ordered = (dot.terms > 1 ? blocks : foursOf(blocks))
    .pack("u", [...dims(0), outer(1, oct), ...dims(2, 3), outer(4, channels), ...inVectors(oct, dot)])
    .split("oc", oct, ["oco", "oct"])
    .split("oct", SUMS, ["ocv", "oci"])
    .split("tr", rows, ["tro", "tri"])
    .split("ow", columns, ["owo", "owi"])
    .reorder("oco", "tro", "owo", "tri", "owi", "ocv", "oci")
    .stage("acc", "owo")
    .fission("tri", "owi", "ocv", "oci")
    .split("icb", writtenOut(d.PC / channels), ["ico", "icu"])
    .reorder("kh", "kw", "ico", "icu", "tri", "owi", "ocv", "oci", "ick");
  const lieInTiles = dot.terms > 1 && isPoint(d);
  const schedule = (lieInTiles ? inTiles(ordered, d, tile, dot) : ordered)
    .tensorize("oci", dot.instruction)
    .unroll(...(d.PC === channels && d.KW <= MOST_TAPS ? (["kw"] as const) : []), "icu", "tri", "owi", "ocv")
    .vectorize("oci");
  return {
    schedule:
      d.N * d.G * d.RB > 1
        ? schedule.parallel("n", "g", "rb")
        : schedule.parallel("cio", ...(d.CP === 2 ? ([lieInTiles ? "pro" : "pr"] as const) : []), "oco"),
    choice: `blocks of ${d.TR} rows, products ${rows * columns} pixels x ${oct} channels`,
    intents: keepTile(target),
  };
};

/** Channels by fours, of which `ick` are the four. */
function foursOf(s: Schedule<Axes>): Schedule<Axes> {
  return s.fuse("icb", "ick", "ic").split("ic", FOUR, ["icb", "ick"]);
}

function isPoint({ KH, KW }: Sizes<"KH KW">): boolean {
  return KH === 1 && KW === 1;
}

/** The numbers of a block as tiles take them, channels of a tile's pixels that are multiplied together after those before. */
function inTiles(
  s: Schedule<Axes>,
  d: Sizes<"CP">,
  { rows, columns }: ProductTile,
  { channels }: Dot,
): Schedule<Axes> {
  const tiles = [outer(0, rows), outer(1, columns), outer(2, channels)];
  const packed = s.pack("v", [...tiles, inner(0, rows), inner(1, columns), inner(2, channels)]);
  if (d.CP === 1) return packed;
  return packed
    .split("pr", rows, ["pro", "pri"])
    .split("pc", columns, ["pco", "pci"])
    .split("wi", channels, ["wib", "wii"]);
}

/** Weights of a tile's channels: the fours of one channel after the other, or of each vector of sums pairs of its channels, then the next pairs. */
function inVectors(oct: number, { terms, channels }: Dot): readonly StorageDim[] {
  if (terms === 1) return [inner(1, oct), inner(4, channels)];
  return [middle(1, oct, SUMS), middle(4, channels, 2), inner(1, SUMS), inner(4, 2)];
}

/** The block's numbers of steps: of a vector of channels after the other, those of all pixels. */
function quantized(s: Schedule<Axes>, { VW, IC }: Sizes<"VW IC">, dot: Dot, lanes: number): Schedule<Axes> {
  const channels = IC % dot.channels === 0 ? Math.max(dot.channels, lanes) : lanes;
  const pixels = Math.max(...divisors(VW).filter((n) => n <= 8));
  return s
    .split("ci", channels, ["cio", "cir"])
    .split("cir", lanes, ["cim", "cii"])
    .split("vw", pixels, ["vwo", "vwi"])
    .reorder("cio", "vh", "vwo", "cim", "vwi", "cii")
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
function int8Tiles(d: Sizes<"TR OW OC">, dot: TimedDot, target: Target): readonly ProductTile[] {
  const tiles = dotTiles(d, target.isa.lanes, registerBudget(target), dot);
  return offered(tiles, productKind);
}
