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
import { fittingProducts } from "../product-tiles.ts";
import { cheapest } from "../tiles.ts";
import { FOUR } from "./dot.ts";
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
  candidates: (d, lanes, limits) =>
    limits.int8 !== undefined && limits.numerics !== "strict" && isFor(d, lanes)
      ? [candidate(d, lanes, limits, limits.int8)]
      : [],
};

/** Sums of so many products, of numbers below 2^8 and 2^7 in size, stay in 32 bits. */
const MOST_PRODUCTS = 2 ** 16;
/** Part of the first cache that a block's numbers may take: they stay there beside a tile's weights. A policy. */
const MOST_PART = 7 / 8;
/** Of a core of which it is not known. Bytes; assumed. */
const L1_BYTES = 32 * 1024;
/** Blocks of a map that threads share evenly enough; of one they share the channels. A policy. */
const ENOUGH_BLOCKS = 4;
/** What a load costs beside the instructions that multiply. Fitted to modelled layers of ResNet-18 on an A76. */
const LOAD = 1 / 16;
/** Part of the plain sums' time that must not be exceeded. A policy. */
const WORTH = 0.9;

function isFor({ SCALE, KH, KW, OC, ...d }: ConvDims, lanes: number): boolean {
  const held = channels(d);
  const fours = held % FOUR === 0 && OC % lanes === 0;
  return SCALE !== undefined && fours && held * KH * KW <= MOST_PRODUCTS;
}

/** Of a group's input, those that only fill vectors included: they are zeros' products here. */
function channels({ IC, HELD = IC }: Pick<ConvDims, "IC" | "HELD">): number {
  return HELD;
}

function candidate(
  d: ConvDims,
  lanes: number,
  { registers, l1dBytes = L1_BYTES }: AlgorithmLimits,
  times: Int8Times,
): ConvCandidate {
  const { G, OC, IC, OW, KH, KW } = d;
  const held = channels(d);
  const TR = blockRows(d, l1dBytes);
  const tiles = fittingProducts(TR, OW, OC, lanes, registers);
  const loads = cheapest(tiles.map((t) => ({ cost: 1 / t.ocv + 1 / (t.rows * t.columns) }))).cost;
  const { VH, VW } = numbers(d, TR);
  const each = (held / IC) * ((VH * VW) / (TR * OW));
  const products = (held / IC) * times.products * (1 + LOAD * loads);
  const cost = products + (times.others * each * QUANTIZING) / (OC * KH * KW);
  return {
    ...{ algorithm: "int8", parts: [part(d, TR)] },
    ...{ weights: (G * OC * held * KH * KW) / BYTES.f32, cost, pays: cost < WORTH },
  };
}

/** Rows of the output in a block. */
function blockRows(d: ConvDims, l1dBytes: number): number {
  const fits = (rows: number): boolean => {
    const { VH, VW } = numbers(d, rows);
    return VH * VW * channels(d) <= MOST_PART * l1dBytes;
  };
  const shared = (rows: number): boolean => rows === d.OH || d.OH / rows >= ENOUGH_BLOCKS;
  return Math.max(1, ...divisors(d.OH).filter((rows) => fits(rows) && shared(rows)));
}

/** How a block's numbers lie: every pixel that windows reach, or of those of one pixel those that they are. */
function numbers({ KH, KW, SH, SW, DH, DW, OW }: ConvDims, rows: number) {
  const [PH, PW] = [KH === 1 ? SH : 1, KW === 1 ? SW : 1];
  const [VSH, VSW] = [SH / PH, SW / PW];
  const reach = (outputs: number, by: number, kernel: number, apart: number): number =>
    (outputs - 1) * by + (kernel - 1) * apart + 1;
  return { PH, PW, VSH, VSW, VH: reach(rows, VSH, KH, DH), VW: reach(OW, VSW, KW, DW) };
}

function part(d: ConvDims, TR: number): ConvPart {
  const { OH, OW, KH, KW, SH, DH, DW, SCALE = 0, OFFSET = 0 } = d;
  const blocks = { RB: OH / TR, TR, ...numbers(d, TR) };
  return {
    ...{ op: "int8-conv", from: 0, rows: OH },
    covers: [OH, OW],
    window: [KH, KW],
    sizes: (told) => ({ ...told, ...blocks, SH, DH, DW, INVERSE: Math.fround(1 / SCALE), OFFSET }),
    weights: dotWeights({ SCALE, OFFSET, KH, KW }),
  };
}
