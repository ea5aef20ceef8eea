import { linearRegression } from "simple-statistics";
import {
  type Fit,
  fitLinear,
  type Interval,
  interval,
  leaveOneOut,
  type Points,
  relativeError,
  resampledFits,
  solveNonNegative,
} from "./fit.ts";
import type { SweepRow } from "./sweep-record.ts";

/** E2GC's balance: cost = k * MACs * (alpha / AI)^beta. */
export interface Balance {
  /** In (0, 1]: how much reuse counts. */
  readonly beta: Interval;
  /**
   * k * alpha^beta, which is all that costs can tell; alpha is 1 when k counts energy per MAC at an arithmetic
   * intensity of 1.
   */
  readonly scale: number;
  readonly r2: number;
  readonly error: number;
  readonly leave_one_out: number;
}
/** What the settings of one network on one board teach about costs. */
export interface CostModels {
  /** a * MACs + b * bytes + c * time; where the cost is the time itself, or no time is known, imbalance stands for it. */
  readonly fitted: Fit;
  readonly balance: Balance;
  /** Leave-one-out errors of simpler models, for comparison. */
  readonly baselines: Readonly<Record<"macs" | "params" | "e2gc_beta_0.5", number>>;
}

/** Fewer settings than this teach nothing. */
export const LEAST_SETTINGS = 5;

/** Undefined with fewer than LEAST_SETTINGS rows. `times` are ns a frame, one for each row, when the cost is energy. */
export function fitCost(rows: readonly SweepRow[], times?: readonly number[]): CostModels | undefined {
  if (rows.length < LEAST_SETTINGS) return undefined;
  const y = rows.map(({ cost }) => cost);
  const third = (row: SweepRow, i: number): number => times?.[i] ?? row.imbalance;
  const x = rows.map((row, i) => [row.macs, row.bytes, third(row, i)]);
  return {
    fitted: fitLinear(["macs", "bytes", times === undefined ? "imbalance" : "time"], { x, y }),
    balance: fitBalance(rows),
    baselines: {
      macs: scaledError(rows, ({ macs }) => macs),
      params: scaledError(rows, ({ params }) => params),
      "e2gc_beta_0.5": scaledError(rows, (row) => balanceTerm(row, 0.5)),
    },
  };
}

/** MACs / AI^beta. */
function balanceTerm({ macs, params, activations }: SweepRow, beta: number): number {
  return macs * ((params + activations) / macs) ** beta;
}

/** Leave-one-out error of the better of k * term and k * term + constant. */
function scaledError(rows: readonly SweepRow[], term: (row: SweepRow) => number): number {
  const y = rows.map(({ cost }) => cost);
  const error = (constant: readonly number[]): number =>
    leaveOneOut({ x: rows.map((row) => [term(row), ...constant]), y }, solveNonNegative);
  return Math.min(error([]), error([1]));
}

/** In logarithms: ln(cost / MACs) = ln(scale) - beta * ln(AI). */
function solveBalance({ x, y }: Points): readonly number[] {
  const points = x.map(([macs = 1, ai = 1], i) => [Math.log(ai), Math.log((y[i] ?? 1) / macs)]);
  const { m } = linearRegression(points);
  const beta = Math.min(1, Math.max(0.01, Number.isFinite(m) ? -m : 0.01));
  const offset = points.reduce((sum, [lnAi = 0, ln = 0]) => sum + ln + beta * lnAi, 0) / points.length;
  return [Math.exp(offset), beta];
}

function fitBalance(rows: readonly SweepRow[]): Balance {
  const y = rows.map(({ cost }) => cost);
  const x = rows.map(({ macs, params, activations }) => [macs, macs / (params + activations)]);
  const value = ([scale = 0, beta = 0]: readonly number[], [macs = 0, ai = 1]: readonly number[]): number =>
    scale * macs * ai ** -beta;
  const best = solveBalance({ x, y });
  const predicted = x.map((row) => value(best, row));
  const left = x.map((row, i) => {
    const others = <T>(values: readonly T[]): T[] => values.filter((_, k) => k !== i);
    return value(solveBalance({ x: others(x), y: others(y) }), row);
  });
  const draws = resampledFits({ x, y }, solveBalance, 400, 2);
  const middle = y.reduce((sum, v) => sum + v, 0) / y.length;
  const squares = (to: (i: number) => number): number => y.reduce((sum, v, i) => sum + (v - to(i)) ** 2, 0);
  return {
    beta: interval(
      best[1] ?? 0,
      draws.map(([, beta = 0]) => beta),
    ),
    scale: best[0] ?? 0,
    r2: 1 - squares((i) => predicted[i] ?? 0) / squares(() => middle),
    error: relativeError(y, predicted),
    leave_one_out: relativeError(y, left),
  };
}
