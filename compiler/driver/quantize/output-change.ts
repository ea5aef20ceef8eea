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
  for (const [i, data] of before.entries()) {
    const other = after[i];
    for (let at = 0; at < data.length; at++) {
      const v = data[at];
      largest = Math.max(largest, distance(v, other[at]));
      if (v < min) min = v;
      if (v > max) max = v;
    }
    if (greatest(data) === greatest(other)) agree++;
  }
  const isRow = shape.length === 2 && shape[0] === 1 && shape[1] > 1;
  return { output, largest, ofRange: max > min ? largest / (max - min) : 0, ...(isRow && { agree }) };
}

/** Infinite where one alone is NaN, or infinite. */
function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const apart = Math.abs(a - b);
  return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
}

/** The first place of the greatest number. */
function greatest(data: Float32Array): number {
  let best = 0;
  for (let i = 1; i < data.length; i++) if (data[i] > data[best]) best = i;
  return best;
}
