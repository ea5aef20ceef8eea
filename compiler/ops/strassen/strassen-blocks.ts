import { divisors } from "../../schedule/choose.ts";
import type { AlgorithmLimits, ConvCandidate, ConvDims } from "../conv2d/algorithm.ts";
import { fittingProducts } from "../product-tiles.ts";
import { cheapest } from "../tiles.ts";
import { PRODUCTS } from "./strassen-weights.ts";

/** How a map is cut into pairs of neighbouring pixels of a row: RB x CB blocks of TR x TC pairs. */
export interface StrassenBlocks {
  readonly RB: number;
  readonly TR: number;
  readonly CB: number;
  readonly TC: number;
}

/**
 * Most that the sums of a block's inputs take: half of the second cache, through which weights pass, and no more than leaves a small map
 * blocks for several threads. Bytes; a policy.
 */
const MOST_BYTES = 256 * 1024;
/** Of a core of which it is not known. Bytes; assumed. */
const L2_BYTES = 512 * 1024;
/** Pairs of a block at most: the seven products of eight channels stay in the first cache. A policy. */
const MOST_PAIRS = 112;
/** Columns of pairs of a block at most. A policy. */
const MOST_COLUMNS = 56;

/** Pairs of a block's row that make a good tile: no fewer are taken for want of room. */
const ENOUGH_COLUMNS = 7;

/** The largest blocks that there is room for in the caches: the fewer there are, the less often weights come from memory. */
export function strassenBlocks(
  { IC, KH, KW, OH, OW }: Pick<ConvDims, "IC" | "KH" | "KW" | "OH" | "OW">,
  { l2Bytes = L2_BYTES }: Pick<AlgorithmLimits, "l2Bytes"> = {},
): StrassenBlocks {
  const pairs = OW / 2;
  const pair = pairBytes({ IC, KH, KW });
  const most = roomFor(l2Bytes);
  const columns = divisors(pairs).filter((n) => n <= MOST_COLUMNS);
  const TC = Math.max(...columns.filter((n) => n * pair <= most || n <= ENOUGH_COLUMNS));
  const row = pair * TC;
  const fits = (n: number): boolean => n * row <= most && n * TC <= MOST_PAIRS;
  const TR = Math.max(1, ...divisors(OH).filter(fits));
  return { RB: OH / TR, TR, CB: pairs / TC, TC };
}

/** What a block's pair of pixels takes, sums of inputs for all products. */
function pairBytes({ IC, KH, KW }: Pick<ConvDims, "IC" | "KH" | "KW">): number {
  return ((KH * KW * IC) / 2) * PRODUCTS * 4;
}

function roomFor(l2Bytes: number): number {
  return Math.min(MOST_BYTES, l2Bytes / 2);
}

/** Whether a block has room for a good tile; without it weights come from memory too often for a core that waits for them. */
function hasRoom(d: Pick<ConvDims, "IC" | "KH" | "KW">, TC: number, l2Bytes: number): boolean {
  return Math.min(TC, ENOUGH_COLUMNS) * pairBytes(d) <= roomFor(l2Bytes);
}

/** How a map with an odd number of rows and columns is cut: pairs of rows, pairs of columns of the last one, all pairs with the last pixel's. */
export interface StrassenOddPairs {
  readonly RP: number;
  readonly CP: number;
  readonly TR: 1;
  readonly TC: number;
}

/** Times the second cache that the sums of an odd map's inputs may take: they are read in their order, which a prefetcher follows. A policy. */
const MOST_ODD_PART = 3.5;
/** Pairs of a map that are one block, and are written out each, at most: 9x9 pixels. A policy. */
const MOST_ODD_PAIRS = 41;

export function strassenOddPairs({ OH, OW }: Pick<ConvDims, "OH" | "OW">): StrassenOddPairs {
  const [RP, CP] = [(OH - 1) / 2, (OW - 1) / 2];
  return { RP, CP, TR: 1, TC: RP * OW + CP + 1 };
}

/** Whether a map is one for such pairs: small, and the sums of its inputs no more than a few times what the second cache holds. */
export function isForOddPairs(
  { IC, KH, KW, OH, OW }: Pick<ConvDims, "IC" | "KH" | "KW" | "OH" | "OW">,
  { l2Bytes = L2_BYTES }: Pick<AlgorithmLimits, "l2Bytes">,
): boolean {
  if (OH % 2 === 0 || OW % 2 === 0 || OH < 3 || OW < 3) return false;
  const { TC } = strassenOddPairs({ OH, OW });
  return TC <= MOST_ODD_PAIRS && TC * pairBytes({ IC, KH, KW }) <= MOST_ODD_PART * l2Bytes;
}

/** What a way takes beside its multiply-adds. */
interface Beside {
  /**
   * Instructions for a pair of pixels, of a vector of channels of a half: sums of inputs and of outputs, counted in the C compiler's output,
   * with what their values wait for each other.
   */
  readonly inputs: number;
  readonly outputs: number;
  /** Loads of products for each multiply-add, beyond which they are waited for, and for what part of each. */
  readonly loads: number;
  readonly waits: number;
  /** Part of a multiply-add's time more that each takes where a tile has one vector of output channels. */
  readonly single: number;
  /** A float of the weights takes the time of so many multiply-adds to come from where they lie. */
  readonly floatTime: number;
  /** Part of the plain sums' time that must not be exceeded for the rounding to be worth it. A policy. */
  readonly worth: number;
}

/** Fitted to modelled cycles of 50 layers of even maps, and of 18 of 7x7 pixels, where a core in order waits for the weights. */
const BESIDE = {
  even: {
    outOfOrder: { inputs: 15, outputs: 25, loads: 0.3, waits: 0.12, single: 0, floatTime: 6, worth: 0.97 },
    inOrder: { inputs: 15, outputs: 38, loads: 0.27, waits: 1, single: 0.1, floatTime: 1.2, worth: 0.954 },
  },
  odd: {
    outOfOrder: { inputs: 15, outputs: 21, loads: 0.3, waits: 0.12, single: 0, floatTime: 1.2, worth: 0.975 },
    inOrder: { inputs: 15, outputs: 38, loads: 0.27, waits: 1, single: 0.1, floatTime: 10, worth: 0.975 },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Beside>>>>;

/** Products of an odd map in wide vectors: a tile of five pairs has few sums of them, and waits. Measured on the host, of 16 lanes. */
const WIDE = { lanes: 4, products: 4 / 3 };

/**
 * Time relative to the plain sums', both as multiply-adds: of few pixels the additional weights, three quarters of the plain ones, tell,
 * and of an odd number the one that is a pair by itself.
 */
export function strassenCost(
  { IC, OC, KH, KW, OH, OW }: Pick<ConvDims, "IC" | "OC" | "KH" | "KW" | "OH" | "OW">,
  { TR, TC }: Pick<StrassenBlocks, "TR" | "TC">,
  lanes: number,
  { registers, inOrder = false, l2Bytes = L2_BYTES }: AlgorithmLimits,
): Pick<ConvCandidate, "cost" | "pays"> {
  const core = inOrder ? "inOrder" : "outOfOrder";
  const isOdd = OW % 2 !== 0;
  const { inputs, outputs, loads, waits, single, floatTime, worth } = BESIDE[isOdd ? "odd" : "even"][core];
  const tile = cheapest(fittingProducts(TR, TC, OC / 2, lanes, registers));
  const each = isOdd && lanes > WIDE.lanes ? WIDE.products : 1;
  const more = waits * Math.max(0, tile.cost - loads) + (tile.ocv === 1 ? single : 0);
  const products = (PRODUCTS / 8) * (each + more);
  const weights = (0.75 * floatTime) / (OH * OW);
  const pairs = (2 * Math.ceil((OH * OW) / 2)) / (OH * OW);
  const cost = weights + pairs * (products + inputs / (4 * OC) + outputs / (4 * KH * KW * IC));
  const fits = isOdd || !inOrder || hasRoom({ IC, KH, KW }, TC, l2Bytes);
  return { cost, pays: cost < worth && fits };
}
