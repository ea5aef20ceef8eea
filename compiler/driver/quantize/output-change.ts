import { indexOfGreatest } from "../../support/index-of-greatest.ts";
import { distance } from "../../verify/compare.ts";

/** How an output of a quantized network compares with that of floats, over all samples. */
export interface OutputChange {
  readonly output: string;
  /** The largest difference, and the part of what the output ranges over that it is. */
  readonly largest: number;
  readonly ofRange: number;
  /** Of one row of numbers: samples in which the greatest is in the same place, as the class of scores is. */
  readonly agree?: number;
}

/** @param before of each sample, @param after the same quantized */
export function outputChange(
  output: string,
  shape: readonly number[],
  before: readonly Float32Array[],
  after: readonly Float32Array[],
): OutputChange {
  let [largest, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let agree = 0;
  const isRow = shape.length === 2 && shape[0] === 1 && shape[1] > 1;
  for (const [i, data] of before.entries()) {
    const other = after[i];
    for (let at = 0; at < data.length; at++) {
      const v = data[at];
      largest = Math.max(largest, distance(v, other[at]));
      if (v < min) min = v;
      if (v > max) max = v;
    }
    if (isRow && indexOfGreatest(data) === indexOfGreatest(other)) agree++;
  }
  return { output, largest, ofRange: max > min ? largest / (max - min) : 0, ...(isRow && { agree }) };
}
