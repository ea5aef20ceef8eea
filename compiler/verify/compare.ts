import type { TypedArray } from "../ir/dtype.ts";
import { ROUNDING } from "./rounding.ts";

/** How two tensors compare, each element by its own bound. */
export interface Comparison {
  readonly count: number;
  readonly badCount: number;
  /** Elements that may have overflowed or not: any value is right there. */
  readonly undecided: number;
  /** Every element is zero in both: a layer that writes nothing but zeros would look the same. */
  readonly allZero: boolean;
  readonly maxAbsError: number;
  /** The element that is off by the largest part of what it may be; undefined where all are equal. */
  readonly worst: Element | undefined;
  /** In row-major order; undefined where none is bad. */
  readonly firstBad: Element | undefined;
  /** Set where elements are right one by one and wrong as a whole: how far they are off, and may be, by the root of the mean square. */
  readonly together?: Together;
  /** How many elements are off by up to 1, 10, 100, ... times what they may be; the last has all beyond, and what is no number. */
  readonly histogram: readonly number[];
}
export interface Together {
  readonly off: number;
  readonly within: number;
}
export interface Element {
  readonly at: readonly number[];
  readonly actual: number;
  readonly wanted: number;
  /** How far it may be off. */
  readonly bound: number;
  /** Its error in parts of that; infinite for a NaN or an infinity on one side only. */
  readonly ofBound: number;
}

/** Powers of ten of a histogram, and what lies beyond. */
const BUCKETS = 7;

/**
 * Compares row-major tensors. An element is right if it differs by no more than `factor` times its bound (rounding.ts) and the
 * rounding of the wanted value itself. NaN is right where NaN is wanted, an infinity where the same one is.
 * @param bounds one for each element; undefined: none may differ at all
 * @param floats set where they are f16, whose bounds are wide: then all of them together are held to a part of that
 */
export function compareTensors(
  shape: readonly number[],
  actual: TypedArray,
  wanted: TypedArray,
  bounds: Float32Array | undefined,
  factor = 1,
  floats?: "f16",
): Comparison {
  let [maxAbsError, most, worstAt, firstAt] = [0, 0, -1, -1];
  let [badCount, undecided, nonZero] = [0, 0, 0];
  const histogram = new Array<number>(BUCKETS).fill(0);
  const sums = floats === undefined ? undefined : openSquares(factor);
  for (let i = 0; i < wanted.length; i++) {
    const [a, w] = [actual[i], wanted[i]];
    if (a !== 0 || w !== 0) nonZero++;
    if (isUndecided(w, bounds?.[i])) {
      undecided++;
      continue;
    }
    const error = distance(a, w);
    sums?.add(error, w, bounds?.[i] ?? 0);
    if (error === 0) {
      histogram[0]++;
      continue;
    }
    if (error > maxAbsError) maxAbsError = error;
    const part = ofBound(error, allowed(w, bounds?.[i] ?? 0, factor));
    histogram[bucketOf(part)]++;
    if (part > 1 && badCount++ === 0) firstAt = i;
    if (part > most) [most, worstAt] = [part, i];
  }
  const element = (i: number): Element => {
    const bound = allowed(wanted[i], bounds?.[i] ?? 0, factor);
    const error = distance(actual[i], wanted[i]);
    const at = coordinates(shape, i);
    return { at, actual: actual[i], wanted: wanted[i], bound, ofBound: ofBound(error, bound) };
  };
  const together = badCount === 0 ? sums?.found(wanted.length) : undefined;
  return {
    count: wanted.length,
    badCount: actual.length === wanted.length && together === undefined ? badCount : Math.max(1, badCount),
    undecided,
    allZero: nonZero === 0,
    maxAbsError,
    worst: worstAt < 0 ? undefined : element(worstAt),
    firstBad: firstAt < 0 ? undefined : element(firstAt),
    histogram,
    ...(together && { together }),
  };
}

/**
 * Part of the values' root of the mean square, and of their bounds', that f16 is off by at most. Roundings of many sums cancel out: right
 * layers are off by 0.001 to 0.008 of their values; one that has lost a row of its kernel, or a twentieth of its channels, by more.
 */
const OF_ALL = 0.02;

/** The mean squares of a tensor's errors, values and bounds. */
function openSquares(factor: number) {
  let [errors, values, bounds] = [0, 0, 0];
  return {
    add(error: number, value: number, bound: number): void {
      if (!Number.isFinite(error) || !Number.isFinite(value) || !Number.isFinite(bound)) return;
      errors += error ** 2;
      values += value ** 2;
      bounds += bound ** 2;
    },
    /** What is too much. */
    found(count: number): Together | undefined {
      const [off, value, bound] = [errors, values, bounds].map((sum) => Math.sqrt(sum / count));
      const within = factor * OF_ALL * (value + bound);
      return off > within ? { off, within } : undefined;
    },
  };
}

/** A NaN or an infinity on one side only is beyond any bound. */
function ofBound(error: number, bound: number): number {
  return Number.isFinite(error) ? error / bound : error;
}

function bucketOf(part: number): number {
  let bucket = 0;
  for (let edge = 1; bucket < BUCKETS - 1 && !(part <= edge); edge *= 10) bucket++;
  return bucket;
}

/** The worst element in words, to follow a statement. */
export function worstText(
  worst: Element | undefined,
  place: (at: readonly number[]) => string = (at) => `[${at.join(", ")}]`,
): string {
  if (worst === undefined) return "";
  const { at, actual, wanted, bound } = worst;
  return `; the worst is ${place(at)}: ${actual}, expected ${wanted}, within ${bound.toExponential(1)}`;
}

/** What is wrong with a tensor as a whole, to follow a statement. */
export function togetherText(together: Together | undefined): string {
  if (together === undefined) return "";
  const { off, within } = together;
  return `; all together they are off by ${off.toExponential(1)}, within ${within.toExponential(1)} (root of the mean square)`;
}

/** Nothing is known of a number, or not even that. */
function isUndecided(wanted: number, bound: number | undefined): boolean {
  return bound === Number.POSITIVE_INFINITY || (Number.isNaN(bound) && Number.isFinite(wanted));
}

/** A bound that is no number came of infinities, of which the wanted value is the outcome: it has to be met. */
function allowed(wanted: number, bound: number, factor: number): number {
  return factor * ((Number.isNaN(bound) ? 0 : bound) + (bound > 0 ? ROUNDING * Math.abs(wanted) : 0));
}

/** How far a number is off; infinitely where one alone is NaN, or they are different infinities. */
export function distance(actual: number, wanted: number): number {
  if (actual === wanted || (Number.isNaN(actual) && Number.isNaN(wanted))) return 0;
  const error = Math.abs(actual - wanted);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
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
