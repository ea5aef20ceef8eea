import { max, medianSorted, min, quantileSorted } from "simple-statistics";
import { invariant } from "../../support/assert.ts";

/** Repeated times of one thing, in nanoseconds. The mean is left out: one disturbed repeat decides it. */
export interface Times {
  readonly median: number;
  /** Interquartile range: the spread of the middle half; absent where there is one time. */
  readonly iqr?: number;
  readonly min: number;
  readonly max: number;
  /** As measured, in order. */
  readonly ns: readonly number[];
}

export function summarise(ns: readonly number[]): Times {
  invariant(ns.length > 0, "no times to summarise");
  const sorted = [...ns].sort((a, b) => a - b);
  return {
    median: medianSorted(sorted),
    ...(sorted.length > 1 && { iqr: quantileSorted(sorted, 0.75) - quantileSorted(sorted, 0.25) }),
    min: min(sorted),
    max: max(sorted),
    ns,
  };
}
