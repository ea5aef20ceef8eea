import { fcnnlsVector } from "ml-fcnnls";
import { mean, quantile } from "simple-statistics";
import { makeRng } from "../support/rng.ts";

/** Points to fit: what is known of each (`x`, one number for each term, none negative) and what it cost. */
export interface Points {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}
export interface Fit {
  readonly terms: readonly string[];
  /** One for each term, with their 95 % interval. */
  readonly coefficients: readonly Interval[];
  /** Part of the variance of y explained, 1 at best. */
  readonly r2: number;
  /** Mean of |predicted - y| / y. */
  readonly error: number;
  /** The same, each point predicted from a fit of the others. */
  readonly leave_one_out: number;
  readonly points: number;
}
/** Coefficients from points; how each kind of model is fitted. */
export type Solve = (points: Points) => readonly number[];

export function predict(coefficients: readonly number[], x: readonly number[]): number {
  return x.reduce((sum, value, i) => sum + value * (coefficients[i] ?? 0), 0);
}

/** No coefficient below zero (work costs); least squares of relative errors, so that small networks count as much. */
export function solveNonNegative({ x, y }: Points): readonly number[] {
  const scale = (x[0] ?? []).map((_, k) => Math.max(...x.map((row) => row[k] ?? 0)) || 1);
  const rows = x.map((row, i) => row.map((value, k) => value / (scale[k] ?? 1) / (y[i] ?? 1)));
  const solved = fcnnlsVector(
    rows,
    y.map(() => 1),
  ).K.to1DArray();
  return solved.map((value, k) => value / (scale[k] ?? 1));
}

/** A linear model without a constant term; intervals from refits of `resamples` seeded resamplings of the points. */
export function fitLinear(terms: readonly string[], points: Points, resamples = 400, seed = 1): Fit {
  const best = solveNonNegative(points);
  const draws = resampledFits(points, solveNonNegative, resamples, seed);
  const predicted = points.x.map((row) => predict(best, row));
  return {
    terms,
    coefficients: best.map((value, k) =>
      interval(
        value,
        draws.map((draw) => draw[k] ?? 0),
      ),
    ),
    r2: rSquared(points.y, predicted),
    error: relativeError(points.y, predicted),
    leave_one_out: leaveOneOut(points, solveNonNegative),
    points: points.y.length,
  };
}

/** Mean relative error of each point, predicted by a fit of all others. */
export function leaveOneOut({ x, y }: Points, solve: Solve): number {
  const predicted = x.map((row, i) => {
    const others = <T>(values: readonly T[]): T[] => values.filter((_, k) => k !== i);
    return predict(solve({ x: others(x), y: others(y) }), row);
  });
  return relativeError(y, predicted);
}

/** Coefficients of seeded resamplings of the points, with replacement. */
export function resampledFits(
  { x, y }: Points,
  solve: Solve,
  times: number,
  seed: number,
): (readonly number[])[] {
  const rng = makeRng(seed);
  return Array.from({ length: times }, () => {
    const picks = y.map(() => rng.int(y.length));
    return solve({ x: picks.map((i) => x[i] ?? []), y: picks.map((i) => y[i] ?? 0) });
  });
}

/** A value between the 2.5 % and 97.5 % quantiles of its resampled values. */
export function interval(value: number, draws: readonly number[]): Interval {
  if (draws.length === 0) return { value, low: value, high: value };
  return { value, low: quantile([...draws], 0.025), high: quantile([...draws], 0.975) };
}

export function relativeError(y: readonly number[], predicted: readonly number[]): number {
  return mean(y.map((value, i) => Math.abs((predicted[i] ?? 0) - value) / value));
}

function rSquared(y: readonly number[], predicted: readonly number[]): number {
  const middle = mean([...y]);
  const total = y.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const left = y.reduce((sum, value, i) => sum + (value - (predicted[i] ?? 0)) ** 2, 0);
  return total === 0 ? 0 : 1 - left / total;
}
