import type { VExpr } from "../ir/vector.ts";

/**
 * c / (1 + e^-v) and v / (1 + e^-v) of vectors of f16, within 4 units in the last place from -10.6 on; below -10.7 a value counts as that.
 *
 * e^-v is 2^n 2^r. -v / ln 2 added to MAGIC leaves n in the lowest bits, biased as exponents are, and r is what n leaves of it. The
 * reciprocal is an estimate, right in its first eight digits, and one of Newton's steps.
 */
const MAGIC = 1536 + 15;
/** e^-v is an f16, and the next power of two above it, too. */
export const LEAST_HALF_LOGISTIC = -10.7;
/** Nothing is left of e^-v beyond. */
const MOST = 10.39;
/** 1 / ln 2 as a sum of two f16. */
const LOG2E_HIGH = 1.4423828125;
const LOG2E_LOW = Math.LOG2E - LOG2E_HIGH;
/** 2^r for |r| <= 1/2, lowest power first, within 1.6e-4 of it: those of f16 that are nearest to the best ones. */
const SERIES = [1, 0.693359375, 0.2425537109375, 0.05517578125] as const;

/** @param above c; absent: v */
export function halfLogistic(above: VExpr | undefined, value: VExpr, lanes: number): VExpr {
  const number = (v: number): VExpr => ({
    kind: "splat",
    lanes,
    value: { kind: "literal", value: v, dtype: "f16" },
  });
  const binary = (op: "add" | "sub" | "mul" | "min" | "max", lhs: VExpr, rhs: VExpr): VExpr => ({
    kind: "binary",
    op,
    lanes,
    lhs,
    rhs,
  });
  const fma = (acc: VExpr, a: VExpr, b: VExpr): VExpr => ({ kind: "fma", lanes, acc, a, b });
  const fms = (acc: VExpr, a: VExpr, b: VExpr): VExpr => ({ kind: "fms", lanes, acc, a, b });

  const held = binary("max", value, number(LEAST_HALF_LOGISTIC));
  const x = binary("min", held, number(MOST));
  const shifted = fms(number(MAGIC), x, number(LOG2E_HIGH));
  const minusN = binary("sub", number(MAGIC), shifted);
  const r = fms(fms(minusN, x, number(LOG2E_HIGH)), x, number(LOG2E_LOW));
  const [c0, c1, c2, c3] = SERIES.map(number);
  const root = fma(c0, r, fma(c1, r, fma(c2, r, c3)));
  const below = fma(number(1), root, { kind: "exponent", lanes, value: shifted });
  const estimate: VExpr = { kind: "reciprocal", lanes, value: below };
  const rest = fms(number(1), below, estimate);
  const quotient = binary("mul", above ?? held, estimate);
  return fma(quotient, quotient, rest);
}
