import { activate } from "../ops/activation/activate.kernel.ts";
import { type ActivationName, actOf } from "../ops/activation/activations.ts";

/** Where functions turn whose value moves little, however far what they are given does. Their formulas' parts move more: a divisor may come to 0. */
const TURNS: Readonly<Partial<Record<ActivationName, (alpha: number, beta: number) => readonly number[]>>> = {
  elu: () => [0],
  selu: () => [0],
  celu: () => [0],
  sigmoid: () => [],
  silu: (alpha) => [-1.2784645 / alpha],
  "hard-swish": (alpha, beta) => [-beta / (2 * alpha)],
  softplus: () => [],
  mish: () => [-1.1924337],
  gelu: () => [-0.7517916],
  "gelu-tanh": () => [-0.7524614],
  erf: () => [],
  softsign: () => [],
};

const turnsOf = new Map(
  Object.entries(TURNS).map(([fn, turns]) => [actOf(fn as ActivationName), turns] as const),
);

/** Roundings of a formula's parts, each a part of the largest number in it. */
const ROUNDINGS = 64;

/** Whether activationError knows a function. */
export function movesLittle(act: number): boolean {
  return turnsOf.has(act);
}

/**
 * Bound of an activation of `v`, which may be off by `e`: what comes of its formula part by part, or, where that is less, of how far the
 * function moves between v - e and v + e.
 */
export function activationError(
  formula: number,
  v: number,
  e: number,
  [act, alpha, beta, unit]: readonly [act: number, alpha: number, beta: number, unit: number],
): number {
  if (formula <= e || !Number.isFinite(v) || !Number.isFinite(e)) return formula;
  const turns = turnsOf.get(act)?.(alpha, beta) ?? [];
  const middle = activate(v, act, alpha, beta);
  const scale = (1 + Math.abs(v) + e) * (1 + Math.abs(alpha)) * (1 + Math.abs(beta));
  let moved = 0;
  for (const at of [v - e, v + e, ...turns])
    if (v - e <= at && at <= v + e)
      moved = Math.max(moved, Math.abs(activate(at, act, alpha, beta) - middle));
  const whole = moved + ROUNDINGS * unit * scale;
  return whole < formula || Number.isNaN(formula) ? whole : formula;
}
