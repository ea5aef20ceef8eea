import { divisors } from "../../schedule/choose.ts";
import type {
  AlgorithmLimits,
  ConvAlgorithm,
  ConvCandidate,
  ConvDims,
  ConvPart,
} from "../conv2d/algorithm.ts";
import { cheapest } from "../tiles.ts";
import { fittingProducts } from "../winograd/product-tiles.ts";
import { dotWeights } from "./int8-weights.ts";
import { int8Convolutions } from "./operators.ts";

/** Convolutions of what is quantized, where a core sums four products of i8 by one instruction: exact, so for any numerics. */
export const int8: ConvAlgorithm<typeof int8Convolutions> = {
  operators: int8Convolutions,
  names: ["int8"],
  applies: () => true,
  candidates: (d, lanes, limits) =>
    limits.dots === true && isFor(d, lanes) ? [candidate(d, lanes, limits)] : [],
};

/** Products that an instruction sums in each lane. */
const FOUR = 4;
/** Sums of so many products, of numbers below 2^8 and 2^7 in size, stay in 32 bits. */
const MOST_PRODUCTS = 2 ** 16;
/** Part of the first cache that a block's numbers may take: they stay there beside a tile's weights. A policy. */
const MOST_PART = 7 / 8;
/** Of a core of which it is not known. Bytes; assumed. */
const L1_BYTES = 32 * 1024;
/** Blocks of a map that threads share evenly enough; of one they share the channels. A policy. */
const ENOUGH_BLOCKS = 4;
/** Instructions that make four numbers i8, counted in C. */
const QUANTIZING = 7;
/** What a load costs beside the instructions that multiply. Fitted to modelled layers of ResNet-18 on an A76. */
const LOAD = 1 / 16;
/** Part of the plain sums' time that must not be exceeded. A policy. */
const WORTH = 0.9;

function isFor({ STEP, KH, KW, OC, ...d }: ConvDims, lanes: number): boolean {
  const held = channels(d);
  const fours = held % FOUR === 0 && OC % lanes === 0;
  return STEP !== undefined && fours && held * KH * KW <= MOST_PRODUCTS;
}

/** Of a group's input, those that only fill vectors included: they are zeros' products here. */
function channels({ IC, HELD = IC }: Pick<ConvDims, "IC" | "HELD">): number {
  return HELD;
}

function candidate(
  d: ConvDims,
  lanes: number,
  { registers, l1dBytes = L1_BYTES }: AlgorithmLimits,
): ConvCandidate {
  const { G, OC, IC, OW, KH, KW } = d;
  const held = channels(d);
  const TR = blockRows(d, l1dBytes);
  const tiles = fittingProducts(TR, OW, OC, lanes, registers);
  const loads = cheapest(tiles.map((t) => ({ cost: 1 / t.ocv + 1 / (t.rows * t.columns) }))).cost;
  const again = (inputRows(d, TR) * inputColumns(d)) / (TR * OW);
  const products = (held / IC) * (1 + LOAD * loads);
  const cost = products / FOUR + ((held / IC) * again * QUANTIZING) / (OC * KH * KW);
  return {
    ...{ algorithm: "int8", parts: [part(d, TR)] },
    ...{ weights: (G * OC * held * KH * KW) / FOUR, cost, pays: cost < WORTH },
  };
}

/** Rows of the output in a block. */
function blockRows(d: ConvDims, l1dBytes: number): number {
  const fits = (rows: number): boolean =>
    inputRows(d, rows) * inputColumns(d) * channels(d) <= MOST_PART * l1dBytes;
  const shared = (rows: number): boolean => rows === d.OH || d.OH / rows >= ENOUGH_BLOCKS;
  return Math.max(1, ...divisors(d.OH).filter((rows) => fits(rows) && shared(rows)));
}

function inputRows({ KH, SH, DH }: ConvDims, rows: number): number {
  return (rows - 1) * SH + (KH - 1) * DH + 1;
}

function inputColumns({ OW, KW, SW, DW }: ConvDims): number {
  return (OW - 1) * SW + (KW - 1) * DW + 1;
}

function part(d: ConvDims, TR: number): ConvPart {
  const { OH, OW, KH, KW, SH, SW, DH, DW, STEP = 0, OFFSET = 0 } = d;
  const blocks = { RB: OH / TR, TR, VH: inputRows(d, TR) };
  return {
    ...{ op: "int8-conv", from: 0, rows: OH },
    covers: [OH, OW],
    window: [KH, KW],
    sizes: (told) => ({ ...told, ...blocks, SH, SW, DH, DW, INVERSE: Math.fround(1 / STEP), OFFSET }),
    weights: dotWeights({ STEP, OFFSET, KH, KW }),
  };
}
