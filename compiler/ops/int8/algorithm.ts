import { BYTES } from "../../ir/dtype.ts";
import { divisors } from "../../schedule/choose.ts";
import type {
  AlgorithmLimits,
  ConvAlgorithm,
  ConvCandidate,
  ConvDims,
  ConvPart,
  DotTimes,
  Int8Times,
} from "../conv2d/algorithm.ts";
import { cheapest } from "../tiles.ts";
import { dotTiles } from "./dot.ts";
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
  candidates: (d, lanes, limits) => {
    if (limits.int8 === undefined || limits.numerics === "strict") return [];
    if (isDepthwise(d)) return depthwise(d, limits.int8);
    return isFor(d, lanes) ? candidates(d, lanes, limits, limits.int8) : [];
  },
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
/** Instructions that copy a vector of numbers i8. */
const COPYING = 2;
/** Instructions that add up four numbers of a window, one by one. */
const SUMMING = 4;
/** Part of the plain sums' time that must not be exceeded. A policy. */
const WORTH = 0.9;

function isFor({ SCALE, OC, ...d }: ConvDims, lanes: number): boolean {
  return SCALE !== undefined && held(d) % lanes === 0 && OC % lanes === 0;
}

/** Whether each channel is a group of its own, of numbers of steps that lie as such. */
function isDepthwise({ IC, OC, COUNTED, SHIFTED }: ConvDims): boolean {
  return IC * OC === 1 && COUNTED === 1 && SHIFTED !== 1;
}

/** A channel by itself reads little else than numbers, and writes such: it is as fast in floats, which is more to read and to write. */
function depthwise(d: ConvDims, { eachChannel }: Int8Times): readonly ConvCandidate[] {
  if (!eachChannel) return [];
  const weights = (d.G * d.KH * d.KW) / BYTES.f32;
  return [{ algorithm: "int8", parts: [depthwisePart(d)], weights, cost: DEPTHWISE, pays: true }];
}

/** What it takes, relative to floats. Fitted to modelled layers of MobileNet-V2. */
const DEPTHWISE = 0.8;

function depthwisePart(d: ConvDims): ConvPart {
  const { OH, OW, KH, KW, SH, SW, DH, DW, SCALE = 0, OFFSET = 0, WHOLE_BIAS = 0, TERMS = 1 } = d;
  const [TH, TW] = [TERMS > 1 ? Math.floor(KH / 2) : 0, DW === 1 ? Math.floor(KW / 2) : 0];
  return {
    ...{ op: "int8-depthwise", from: 0, rows: OH, counts: true },
    covers: [OH, OW],
    window: [KH, KW],
    sizes: (told) => ({ ...told, SH, SW, DH, DW, TH, TW }),
    weights: dotWeights({ SCALE, OFFSET, SHIFTED: 0, KH, KW, PC: 1, INTO: d.INTO ?? 1 }),
    ...(WHOLE_BIAS === 1 && KH * KW <= MOST_PRODUCTS / 2 && { takesBias: true }),
  };
}

/** The best way to sum that its weights and its channels allow. */
function dotFor(
  { TERMS = 1, SHIFTED = 0, KH, KW, ...d }: ConvDims,
  { dots }: Int8Times,
): DotTimes | undefined {
  return dots.find((dot) => {
    const multiplied = channels(d, dot);
    const fits = held(d) % dot.channels === 0 && multiplied * KH * KW <= MOST_PRODUCTS / (1 + SHIFTED);
    return dot.terms <= TERMS && fits;
  });
}

/** Of a group's input, those that only fill vectors included. */
function held({ IC, HELD = IC }: Pick<ConvDims, "IC" | "HELD">): number {
  return HELD;
}

/** Those that are multiplied, so many together. */
function channels({ IC }: Pick<ConvDims, "IC">, dot: Pick<DotTimes, "channels">): number {
  return Math.ceil(IC / dot.channels) * dot.channels;
}

function candidates(
  d: ConvDims,
  lanes: number,
  { registers, l1dBytes = L1_BYTES, l2Bytes = L2_BYTES, floats }: AlgorithmLimits,
  times: Int8Times,
): readonly ConvCandidate[] {
  const { G, OC, IC, OW, KH, KW } = d;
  const dot = dotFor(d, times);
  if (dot === undefined) return [];
  const PC = channels(d, dot);
  const TR = blockRows(d, PC, l1dBytes, l2Bytes);
  const loads = cheapest(dotTiles({ TR, OW, OC }, lanes, registers, dot)).cost;
  const { VH, VW } = numbers(d, TR);
  const each = (held(d) / IC) * ((VH * VW) / (TR * OW));
  const products = (PC / IC) * dot.products * (1 + LOAD * loads);
  const windows = d.SHIFTED === 1 ? (times.others * SUMMING * (PC / IC)) / OC : 0;
  const quantizing = d.COUNTED === 1 ? COPYING : QUANTIZING[floats ?? "f32"];
  const cost = products + windows + (times.others * each * quantizing) / (OC * KH * KW);
  const weights = (G * OC * PC * KH * KW) / BYTES.f32;
  return [{ algorithm: "int8", parts: [part(d, PC, TR, dot)], weights, cost, pays: cost < WORTH }];
}

/**
 * Rows of the output in a block, so that least is loaded from beyond the first cache: weights for each block, and its numbers for each tile of
 * channels where they are too many for that cache.
 */
function blockRows(d: ConvDims, PC: number, l1dBytes: number, l2Bytes: number): number {
  const { OC, OH, KH, KW } = d;
  const weights = OC * PC * KH * KW;
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

function part(d: ConvDims, PC: number, TR: number, { terms }: DotTimes): ConvPart {
  const { OH, OW, KH, KW, SH, DH, DW, SCALE = 0, OFFSET = 0, WHOLE_BIAS = 0, SHIFTED = 0, COUNTED = 0 } = d;
  const read = COUNTED === 1 ? { INVERSE: 1, OFFSET: 0 } : { INVERSE: Math.fround(1 / SCALE), OFFSET };
  const takesBias = WHOLE_BIAS === 1 && PC * KH * KW <= MOST_PRODUCTS / 2 / (1 + SHIFTED);
  const blocks = {
    ...{ RB: OH / TR, TR, ...numbers(d, TR), PC, CP: 1 + SHIFTED },
    ...(terms > 1 && { TERMS: terms }),
  };
  return {
    ...{ op: "int8-conv", from: 0, rows: OH, counts: true },
    covers: [OH, OW],
    window: [KH, KW],
    sizes: (told) => ({ ...told, ...blocks, SH, DH, DW, ...read }),
    weights: dotWeights({ SCALE, OFFSET, SHIFTED, KH, KW, PC, INTO: d.INTO ?? 1 }),
    ...(takesBias && { takesBias }),
  };
}
