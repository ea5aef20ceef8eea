/**
 * What estimates of tiles and loop orders assume and no core's file says. Those that are fitted are so by
 * `make check-estimates ARGS=--fit`, against the cycles of modelled cores; others are counted in the C compiler's output,
 * assumed from what such cores usually do, or a policy.
 */
export interface EstimateConstants {
  /** What an instruction costs beyond the busiest part of a core, as no part is busy all the time. Cycles; fitted. */
  readonly unhidden: number;
  /**
   * Part of a cache that a layer's inputs may take and still be there when it begins: since they were made, others passed
   * through. Between 0 and 1; fitted.
   */
  readonly stillThere: number;
  /** Input vectors whose multiply-adds a core in order is given in turns. A number of vectors; fitted. */
  readonly inTurns: number;
  /** Count, compare, branch and pointer steps of a loop. Instructions; counted. */
  readonly loopOverhead: number;
  /** Address arithmetic and pointer set-up of one tile. Instructions; counted. */
  readonly tileOverhead: number;
  /** A line that comes from the second cache, most of it beside other work, on a core that is not described. Instructions; assumed. */
  readonly lineCost: number;
  /** Multiply-adds in a row beyond which they crowd the instruction cache, 4 bytes each. Instructions; assumed. */
  readonly mostUnrolled: number;
  /** Vectors that are worth loading ahead, and registers that a tile needs before any are spared for that. Assumed. */
  readonly mostAhead: number;
  readonly fewestForATile: number;
  readonly winograd: WinogradConstants;
}

/** What the choice of Winograd's algorithm, of its tiles and blocks assumes. */
export interface WinogradConstants {
  /** Loops around the products, and around a direct convolution's, relative to their multiply-adds. Counted. */
  readonly productLoops: number;
  readonly directOverhead: number;
  /** Part of the direct convolution's instructions that must not be exceeded for the rounding to be worth it. A policy. */
  readonly worthIt: number;
  /** The same where a stride makes phases: their transforms take pixels that lie apart, and cores wait for these. A policy. */
  readonly worthPhases: number;
  /**
   * The same of images of fewer channels than lanes, most of whose time is left for transforms, whose values wait for each other, and of
   * phases in vectors of more lanes than `narrow`, which do products in less time than what lies in between comes and goes. A policy.
   */
  readonly worthFew: number;
  readonly narrow: number;
  /** The same of two calls against one: estimates are not exact. A policy. */
  readonly worthTwo: number;
  /** A float of the weights comes from memory in the time of so many instructions. Assumed. */
  readonly floatTime: number;
  /** Weights of a group beyond this come anew for each block: what stays in a second-level cache of 1 MiB beside tiles. Bytes; assumed. */
  readonly cacheBytes: number;
  /** Most that transformed tiles of a block take of a thread's scratch; the more tiles, the less often weights are read. Bytes; a policy. */
  readonly blockBytes: number;
  /** A loop over fewer blocks of input channels is left alone: what is written out must be worth its set-up. Assumed. */
  readonly manyBlocks: number;
}

export const ESTIMATE: EstimateConstants = {
  unhidden: 0.05,
  stillThere: 0.3,
  inTurns: 2,
  loopOverhead: 4,
  tileOverhead: 10,
  lineCost: 6,
  mostUnrolled: 700,
  mostAhead: 6,
  fewestForATile: 16,
  winograd: {
    productLoops: 0.05,
    directOverhead: 1.2,
    worthIt: 0.85,
    worthPhases: 0.76,
    worthFew: 0.6,
    narrow: 4,
    worthTwo: 0.98,
    floatTime: 1,
    cacheBytes: 768 * 1024,
    blockBytes: 1536 * 1024,
    manyBlocks: 8,
  },
};
