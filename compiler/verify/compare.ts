/** How far two tensors are apart. */
export interface Comparison {
  readonly maxAbsError: number;
  /** The greatest difference over the range (greatest minus least value) of the wanted tensor. */
  readonly relative: number;
  readonly range: number;
  /** First element, row-major, whose relative error passes the tolerance or that is no number. */
  readonly firstBad: BadElement | undefined;
  readonly badCount: number;
  readonly count: number;
}
export interface BadElement {
  readonly at: readonly number[];
  readonly actual: number;
  readonly wanted: number;
}

/** Compares row-major tensors; anything that is not finite where the wanted value is counts as infinitely far off. */
export function compareTensors(
  shape: readonly number[],
  actual: Float32Array,
  wanted: Float32Array,
  tolerance: number,
): Comparison {
  const range = valueRange(wanted);
  let maxAbsError = actual.length === wanted.length ? 0 : Number.POSITIVE_INFINITY;
  let firstBad: BadElement | undefined;
  let badCount = 0;
  for (let i = 0; i < wanted.length; i++) {
    const error = distance(actual[i], wanted[i]);
    if (error > maxAbsError) maxAbsError = error;
    if (error <= tolerance * range) continue;
    badCount++;
    firstBad ??= { at: coordinates(shape, i), actual: actual[i], wanted: wanted[i] };
  }
  return { maxAbsError, relative: maxAbsError / range, range, firstBad, badCount, count: wanted.length };
}

function distance(actual: number, wanted: number): number {
  if (actual === wanted) return 0;
  const error = Math.abs(actual - wanted);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** Greatest minus least value; of a constant tensor its magnitude, and 1 where that is 0. */
function valueRange(data: Float32Array): number {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of data) {
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return hi - lo || Math.abs(hi) || 1;
}

/** Indices of row-major element `i`. */
function coordinates(shape: readonly number[], i: number): number[] {
  const at = new Array<number>(shape.length).fill(0);
  let rest = i;
  for (let d = shape.length - 1; d >= 0; d--) {
    at[d] = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
  }
  return at;
}
