/**
 * What estimates of tiles and loop orders assume and no core's file says. Those that are fitted are so by
 * `make check-estimates ARGS=--fit`, against the cycles of modelled cores; others are counted in the C compiler's output.
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
}

export const ESTIMATE: EstimateConstants = {
  unhidden: 0.05,
  stillThere: 0.3,
  inTurns: 2,
  loopOverhead: 4,
  tileOverhead: 10,
};
