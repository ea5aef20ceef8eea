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
 * Most that the sums of a block's inputs take: they stay in a second cache of 512 KiB beside weights that pass by, and what has
 * few pixels leaves blocks for several threads. Bytes; a policy.
 */
const BLOCK_BYTES = 256 * 1024;
/** Pairs of a block at most: the seven products of eight channels stay in the first cache. A policy. */
const MOST_PAIRS = 112;
/** Columns of pairs of a block at most. A policy. */
const MOST_COLUMNS = 56;

/** The largest blocks that there is room for in the caches: the fewer there are, the less often weights come from memory. */
export function strassenBlocks({ IC, OH, OW }: Pick<ConvDims, "IC" | "OH" | "OW">): StrassenBlocks {
  const pairs = OW / 2;
  const TC = Math.max(...divisors(pairs).filter((n) => n <= MOST_COLUMNS));
  const row = (IC / 2) * PRODUCTS * TC * 4;
  const fits = (n: number): boolean => n * row <= BLOCK_BYTES && n * TC <= MOST_PAIRS;
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

/** Time relative to the plain sums', both as multiply-adds. */
export function strassenCost(
  { IC, OC }: Pick<ConvDims, "IC" | "OC">,
  { TR, TC }: Pick<StrassenBlocks, "TR" | "TC">,
  lanes: number,
  { registers, inOrder = false }: AlgorithmLimits,
): number {
  const { inputs, outputs, loads } = inOrder ? SUMS.inOrder : SUMS.outOfOrder;
  const tile = cheapest(fittingProducts(TR, TC, OC / 2, lanes, registers));
  const products = (PRODUCTS / 8) * (1 + Math.max(0, tile.cost - loads));
  return products + inputs / (4 * OC) + outputs / (4 * IC);
}
