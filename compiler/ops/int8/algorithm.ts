import { BYTES } from "../../ir/dtype.ts";
import { divisors } from "../../schedule/choose.ts";
import type {
  AlgorithmLimits,
  ConvAlgorithm,
  ConvCandidate,
  ConvDims,
  ConvPart,
  Int8Times,
} from "../conv2d/algorithm.ts";
import { cheapest } from "../tiles.ts";
import { dotTiles, FOUR } from "./dot.ts";
import { dotWeights } from "./int8-weights.ts";
import { int8Convolutions, QUANTIZING } from "./operators.ts";

/**
 * Convolutions of what is quantized, where a core has an instruction that sums products of i8. Sums are exact; not for strict numerics, as
 * weights may be off their steps by a rounding, and NaN is no number of steps.
 */
export const int8: ConvAlgorithm<typeof int8Convolutions> = {
  operators: int8Convolutions,
  names: ["int8"],
  applies: () => true,
  dropsNaN: true,
  ofSteps: true,
  candidates: (d, lanes, limits) =>
    limits.int8 !== undefined && limits.numerics !== "strict" && isFor(d, lanes, limits.int8)
      ? [candidate(d, lanes, limits, limits.int8)]
      : [],
};

/** Sums of so many products, of numbers below 2^8 and 2^7 in size, stay in 32 bits; of half as many beside a bias (int8-weights.ts). */
const MOST_PRODUCTS = 2 ** 16;
/** Part of the first cache that a block's numbers may take: they stay there beside a tile's weights. A policy. */
const MOST_PART = 7 / 8;
/** Of a core of which they are not known. Bytes; assumed. */
const [L1_BYTES, L2_BYTES] = [32 * 1024, 256 * 1024];
/** Part of the second cache that they may take where they are loaded from there. A policy. */
const MOST_FAR = 1 / 2;
/** Channels of the output in a tile, mostly. */
const TILE_CHANNELS = 16;
/** Blocks of a map that threads share evenly enough; of one they share the channels. A policy. */
const ENOUGH_BLOCKS = 4;
/** What a load costs beside the instructions that multiply. Fitted to modelled layers of ResNet-18 on an A76. */
const LOAD = 1 / 16;
/** Part of the plain sums' time that must not be exceeded. A policy. */
const WORTH = 0.9;

function isFor(
  { SCALE, LEAST = -128, KH, KW, OC, ...d }: ConvDims,
  lanes: number,
  { pairs }: Int8Times,
): boolean {
  const multiplied = channels(d);
  const vectors = held(d) % lanes === 0 && OC % lanes === 0;
  const fits = !pairs || LEAST > -128;
  return SCALE !== undefined && vectors && fits && multiplied * KH * KW <= MOST_PRODUCTS;
}

/** Of a group's input, those that only fill vectors included. */
function held({ IC, HELD = IC }: Pick<ConvDims, "IC" | "HELD">): number {
  return HELD;
}

/** Those that are multiplied, in fours. */
function channels({ IC }: Pick<ConvDims, "IC">): number {
  return Math.ceil(IC / FOUR) * FOUR;
}

function candidate(
  d: ConvDims,
  lanes: number,
  { registers, l1dBytes = L1_BYTES, l2Bytes = L2_BYTES, floats }: AlgorithmLimits,
  times: Int8Times,
): ConvCandidate {
  const { G, OC, IC, OW, KH, KW } = d;
  const PC = channels(d);
  const TR = blockRows(d, l1dBytes, l2Bytes);
  const loads = cheapest(dotTiles({ TR, OW, OC }, lanes, registers, times)).cost;
  const { VH, VW } = numbers(d, TR);
  const each = (held(d) / IC) * ((VH * VW) / (TR * OW));
  const products = (PC / IC) * times.products * (1 + LOAD * loads);
  const cost = products + (times.others * each * QUANTIZING[floats ?? "f32"]) / (OC * KH * KW);
  return {
    ...{ algorithm: "int8", parts: [part(d, TR, times.pairs)] },
    ...{ weights: (G * OC * PC * KH * KW) / BYTES.f32, cost, pays: cost < WORTH },
  };
}

/**
 * Rows of the output in a block, so that least is loaded from beyond the first cache: weights for each block, and its numbers for each tile of
 * channels where they are too many for that cache.
 */
function blockRows(d: ConvDims, l1dBytes: number, l2Bytes: number): number {
  const { OC, OH, KH, KW } = d;
  const weights = OC * channels(d) * KH * KW;
  const choices = divisors(OH).flatMap((rows) => {
    const isShared = rows === 1 || rows === OH || OH / rows >= ENOUGH_BLOCKS;
    const { VH, VW } = numbers(d, rows);
    const bytes = VH * VW * held(d);
    const fits = bytes <= MOST_PART * l1dBytes;
    if (!isShared || (!fits && rows > 1 && bytes > MOST_FAR * l2Bytes)) return [];
    const again = fits ? 0 : (OC / TILE_CHANNELS) * bytes;
    return [{ rows, cost: (OH / rows) * (weights + again) }];
  });
  return cheapest(choices).rows;
}

/** How a block's numbers lie: every pixel that windows reach, or of those of one pixel those that they are. */
function numbers({ KH, KW, SH, SW, DH, DW, OW }: ConvDims, rows: number) {
  const [PH, PW] = [KH === 1 ? SH : 1, KW === 1 ? SW : 1];
  const [VSH, VSW] = [SH / PH, SW / PW];
  const reach = (outputs: number, by: number, kernel: number, apart: number): number =>
    (outputs - 1) * by + (kernel - 1) * apart + 1;
  return { PH, PW, VSH, VSW, VH: reach(rows, VSH, KH, DH), VW: reach(OW, VSW, KW, DW) };
}

function part(d: ConvDims, TR: number, pairs: boolean): ConvPart {
  const { OH, OW, KH, KW, SH, DH, DW, SCALE = 0, OFFSET = 0, WHOLE_BIAS = 0 } = d;
  const PC = channels(d);
  const takesBias = WHOLE_BIAS === 1 && PC * KH * KW <= MOST_PRODUCTS / 2;
  const blocks = { RB: OH / TR, TR, ...numbers(d, TR), PC, ...(pairs && { PAIRS: 1 }) };
  return {
    ...{ op: "int8-conv", from: 0, rows: OH },
    covers: [OH, OW],
    window: [KH, KW],
    sizes: (told) => ({ ...told, ...blocks, SH, DH, DW, INVERSE: Math.fround(1 / SCALE), OFFSET }),
    weights: dotWeights({ SCALE, OFFSET, KH, KW, PC }),
    ...(takesBias && { takesBias }),
  };
}
