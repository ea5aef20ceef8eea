import { divisors } from "../../schedule/choose.ts";
import type { AlgorithmLimits, ConvDims } from "../conv2d/algorithm.ts";
import { cheapest } from "../tiles.ts";
import { fittingProducts } from "../winograd/winograd-blocks.ts";
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

/** The largest blocks that there is room for in the caches: the fewer there are, the less often weights come from memory. */
export function strassenBlocks(
  { IC, OH, OW }: Pick<ConvDims, "IC" | "OH" | "OW">,
  { l2Bytes = L2_BYTES }: Pick<AlgorithmLimits, "l2Bytes"> = {},
): StrassenBlocks {
  const pairs = OW / 2;
  const TC = Math.max(...divisors(pairs).filter((n) => n <= MOST_COLUMNS));
  const row = (IC / 2) * PRODUCTS * TC * 4;
  const most = Math.min(MOST_BYTES, l2Bytes / 2);
  const fits = (n: number): boolean => n * row <= most && n * TC <= MOST_PAIRS;
  const TR = Math.max(1, ...divisors(OH).filter(fits));
  return { RB: OH / TR, TR, CB: pairs / TC, TC };
}

/**
 * Instructions for a pair of pixels beside its products, of a vector of channels of a half: the inputs' sums and the outputs', counted
 * in the C compiler's output; with what their values wait for each other, fitted to modelled cycles of 40 layers. A core in order waits
 * more, and for the loads of products beyond so many for each multiply-add.
 */
const SUMS = {
  outOfOrder: { inputs: 15, outputs: 25, loads: Number.POSITIVE_INFINITY },
  inOrder: { inputs: 15, outputs: 38, loads: 0.27 },
} as const;

/** A float of the weights takes the time of so many vectors of multiply-adds to come from where they lie. Fitted to small maps. */
const FLOAT_TIME = 0.3;

/** Time relative to the plain sums', both as multiply-adds: of few pixels the additional weights, three quarters of the plain ones, tell. */
export function strassenCost(
  { IC, OC, OH, OW }: Pick<ConvDims, "IC" | "OC" | "OH" | "OW">,
  { TR, TC }: Pick<StrassenBlocks, "TR" | "TC">,
  lanes: number,
  { registers, inOrder = false }: AlgorithmLimits,
): number {
  const { inputs, outputs, loads } = inOrder ? SUMS.inOrder : SUMS.outOfOrder;
  const tile = cheapest(fittingProducts(TR, TC, OC / 2, lanes, registers));
  const products = (PRODUCTS / 8) * (1 + Math.max(0, tile.cost - loads));
  const weights = (0.75 * lanes * FLOAT_TIME) / (OH * OW);
  return weights + products + inputs / (4 * OC) + outputs / (4 * IC);
}
