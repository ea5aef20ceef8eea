import { medianOf } from "../median.ts";

/** Standard deviations from which a trend is one: 3 in 1,000 series without any have it. */
const SURE = 3;

/**
 * By how much values rise (below 0: fall) from the first to the last, in parts of their median; undefined where no trend is
 * sure. Mann and Kendall's test, the slope by Theil and Sen: neither is moved by outliers.
 */
export function trend(values: readonly number[]): number | undefined {
  const n = values.length;
  const slopes = values.flatMap((a, i) => values.slice(i + 1).map((b, j) => (b - a) / (j + 1)));
  const sum = slopes.reduce((total, slope) => total + Math.sign(slope), 0);
  const deviation = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  // one less, as sums go in steps of two
  if (Math.abs(sum) - 1 <= SURE * deviation || n < 2) return undefined;
  return (medianOf(slopes) * (n - 1)) / medianOf(values);
}
