import { mean, tTestTwoSample } from "simple-statistics";
import { twoSided } from "./student.ts";

/** A place in a series from where on its values are others. */
export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly at: number;
  /** Means of the values between it and its neighbours. */
  readonly before: number;
  readonly after: number;
  /** How likely a change as large is somewhere where nothing changed, at most; absent where values are exact. */
  readonly p?: number;
}

export interface ChangeOptions {
  /** Values looked at together: what is further apart says nothing of a change. */
  readonly window?: number;
  /** Changes that are less sure are none. */
  readonly maxP?: number;
  /** Changes of a smaller part of what was before are none. */
  readonly minMagnitude?: number;
}

const WINDOW = 50;
const MAX_P = 0.001;
const MIN_MAGNITUDE = 0.01;
/** Candidates may be so much less sure: what lies beside them is known only once all of them are. */
const WEAK = 10;
/** A few values are outliers, not a change. */
const LEAST = 4;

/** Of values that are exact, as counts are: every change. */
export function exactChanges(values: readonly number[]): readonly ChangePoint[] {
  return values.flatMap((after, at) =>
    at > 0 && after !== values[at - 1] ? [{ at, before: values[at - 1], after }] : [],
  );
}

/**
 * Change points of a noisy series by E-Divisive (Matteson and James 2014, "A nonparametric approach for multiple change point
 * analysis of multivariate data"), as Apache Otava uses it: in windows of the series, each half over the one before it, with
 * Student's t test for significance instead of permutations, so that equal series have equal change points. Candidates need
 * only be likely; then the least sure one is removed again and again, as the values beside the others grow by that, until
 * all that are left are significant and large enough.
 */
export function noisyChanges(
  values: readonly number[],
  { window = WINDOW, maxP = MAX_P, minMagnitude = MIN_MAGNITUDE }: ChangeOptions = {},
): readonly ChangePoint[] {
  let at = [...new Set(candidates(values, window, WEAK * maxP))].sort((a, b) => a - b);
  for (;;) {
    const points = at.map((each, i) => judged(values, at[i - 1] ?? 0, each, at[i + 1] ?? values.length));
    const weak = points.filter((point) => !isChange(point, maxP, minMagnitude));
    if (weak.length === 0) return points;
    const { at: weakest } = weak.reduce((a, b) => (magnitude(b) < magnitude(a) || b.p > a.p ? b : a));
    at = at.filter((each) => each !== weakest);
  }
}

type Judged = ChangePoint & { readonly p: number };

function isChange(point: Judged, maxP: number, minMagnitude: number): boolean {
  return point.p < maxP && magnitude(point) >= minMagnitude;
}

function magnitude({ before, after }: ChangePoint): number {
  return before === 0 ? Number.POSITIVE_INFINITY : Math.abs(after / before - 1);
}

/** As the split is the best of all places between its neighbours, by chance alone one of them is so many times as likely. */
function judged(values: readonly number[], from: number, at: number, to: number): Judged {
  const [left, right] = [values.slice(from, at), values.slice(at, to)];
  const p = Math.min(1, significance(left, right) * (to - from - 1));
  return { at, before: mean(left), after: mean(right), p };
}

/** How likely two samples of one distribution are so far apart. */
function significance(left: readonly number[], right: readonly number[]): number {
  if (left.length < LEAST || right.length < LEAST) return 1;
  const t = tTestTwoSample([...left], [...right], 0);
  // samples without any spread: their means differ, or they do not
  if (t === null || Number.isNaN(t)) return 1;
  return Number.isFinite(t) ? twoSided(t, left.length + right.length - 2) : 0;
}

/** Likely change points of all windows. */
function candidates(values: readonly number[], window: number, maxP: number): readonly number[] {
  const found: number[] = [];
  for (
    let from = 0;
    from === 0 || from + Math.ceil(window / 2) < values.length;
    from += Math.ceil(window / 2)
  ) {
    found.push(...divide(values.slice(from, from + window), maxP).map((at) => from + at));
  }
  return found;
}

/** Splits a series where its parts differ most, and each part again, as long as they differ. */
function divide(values: readonly number[], maxP: number): readonly number[] {
  const best = bestSplit(values);
  if (best === undefined) return [];
  const { at, to } = best;
  if (significance(values.slice(0, at), values.slice(at, to)) >= maxP) return [];
  return [
    ...divide(values.slice(0, at), maxP),
    at,
    ...divide(values.slice(at), maxP).map((each) => at + each),
  ];
}

/**
 * The split [0, at) against [at, to) with the largest Q = nm / (n + m) * E, where E is the energy distance of both parts: twice
 * the mean distance between them, less the mean distances within each. `to` lets a part that comes back be found.
 */
function bestSplit(values: readonly number[]): { readonly at: number; readonly to: number } | undefined {
  const sum = distanceSums(values);
  const all = values.length;
  let best: { at: number; to: number; q: number } | undefined;
  for (let at = LEAST; at <= all - LEAST; at++) {
    for (let to = at + LEAST; to <= all; to++) {
      const [n, m] = [at, to - at];
      const between = (2 * sum(0, at, at, to)) / (n * m);
      // sums over ordered pairs: each distance is in them twice
      const within = sum(0, at, 0, at) / (n * (n - 1)) + sum(at, to, at, to) / (m * (m - 1));
      const q = ((n * m) / (n + m)) * (between - within);
      if (best === undefined || q > best.q) best = { at, to, q };
    }
  }
  return best;
}

/** Sum of the distances of the values in [a, b) from those in [c, d), after a pass over all pairs. */
function distanceSums(values: readonly number[]): (a: number, b: number, c: number, d: number) => number {
  const side = values.length + 1;
  const sums = new Float64Array(side * side);
  for (const [i, x] of values.entries()) {
    let row = 0;
    for (const [j, y] of values.entries()) {
      row += Math.abs(x - y);
      sums[(i + 1) * side + j + 1] = sums[i * side + j + 1] + row;
    }
  }
  const to = (i: number, j: number): number => sums[i * side + j];
  return (a, b, c, d) => to(b, d) - to(a, d) - to(b, c) + to(a, c);
}
