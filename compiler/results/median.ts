import { medianSorted } from "simple-statistics";
import { invariant } from "../support/assert.ts";

/** A median, and where the true one lies, all but for `1 - confidence`; equal to it where nothing varies. */
export interface MedianInterval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** One interval in two hundred does not hold the true median. */
export const CONFIDENCE = 0.995;

/** Median of samples in any order, at least one. */
export function medianOf(samples: readonly number[]): number {
  return medianSorted(ascending(samples));
}

/**
 * The interval of a median by order statistics, which asks nothing of how samples are distributed (Conover, Practical
 * Nonparametric Statistics, 3.2).
 * @param samples in any order, at least one; of fewer than nine the interval is from the least to the greatest
 */
export function medianInterval(samples: readonly number[]): MedianInterval {
  invariant(samples.length > 0, "no samples");
  const sorted = ascending(samples);
  const out = outside(sorted.length);
  return { median: medianSorted(sorted), low: sorted[out], high: sorted[sorted.length - 1 - out] };
}

/** A copy in order; typed arrays sort numbers many times faster. */
export function ascending(samples: readonly number[]): number[] {
  return [...Float64Array.from(samples).sort()];
}

/** How many of `n` sorted samples may be left out at either end of an interval that holds the median. */
function outside(n: number): number {
  let [below, term, k] = [0, 0.5 ** n, 0];
  for (; k < n / 2; k++) {
    below += term;
    if (2 * below > 1 - CONFIDENCE) break;
    term = (term * (n - k)) / (k + 1);
  }
  // the k smallest may be left out when fewer than that lie below the median in all but that many cases
  return Math.max(0, k - 1);
}
