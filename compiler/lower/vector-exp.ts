import type { BinaryOp } from "../ir/expr.ts";
import type { VExpr } from "../ir/vector.ts";

/**
 * exp and tanh of vectors, as additions, products and one shift, for any instruction set. exp is within 2 units in the last
 * place where its result is above 2^-125, and 0 below; tanh within 4e-7 of its value.
 */

/** Added to a value below 2^22 in size it leaves the nearest whole number in the lowest bits, biased as exponents are. */
const MAGIC = 12582912 + 127;
/** ln 2 in two parts; products of the first with whole numbers up to 2^9 are exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;
/**
 * (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2, lowest power first: its series, with the powers that are left out spread over
 * the last ones at the zeros of a Chebyshev polynomial.
 */
const SERIES = economized();
/** One power less, for the least largest relative error of e^r: 1.05e-7. */
const SHORT_SERIES = [0.4999923031, 0.1666711539, 0.04189033171, 0.008312501297];

/** e^value; with `sign` -1 e^-value, with the same bits, without a negation: all that is odd in the value has the other sign. */
export function vectorExp(value: VExpr, lanes: number, sign: Sign = 1): VExpr {
  const v = ops(lanes);
  const [most, least] = sign === 1 ? [LARGEST, SMALLEST] : [-SMALLEST, -LARGEST];
  const x = v.max(v.min(value, v.constant(most)), v.constant(least));
  const { power, rest } = reduce(x, MAGIC - 1, lanes, sign);
  // The power is half of what it should be, as twice of it may be too large for a float where the product is not.
  const half = v.plus(sign)(power, power, rest);
  return v.add(half, half);
}

/**
 * 1 + e^-value by fewer operations where products are added before they are rounded (`fused`): finite whatever the value is, its
 * power within 3 units in the last place up to 2^30, 5 beyond. Below -88.37 the value counts as that, above 30 nothing is left of it.
 */
export function vectorOnePlusExp(value: VExpr, lanes: number, fused: boolean): VExpr {
  const v = ops(lanes);
  const x = v.min(value, v.constant(NOTHING_LEFT));
  const { power, rest } = reduce(x, MAGIC, lanes, -1, fused ? SHORT : LONG);
  return v.add(v.plus(-1)(power, power, rest), v.constant(1));
}

/** The least value of which vectorOnePlusExp is right: e^-value is a float below it no more. */
export const LEAST_LOGISTIC = -88.37;
const NOTHING_LEFT = 30;

/** The hyperbolic tangent: d / (d + 2) with d = e^(2 value) - 1, which is exact to its last places near zero. */
export function vectorTanh(value: VExpr, lanes: number): VExpr {
  const v = ops(lanes);
  const x = v.max(v.min(v.add(value, value), v.constant(20)), v.constant(-20));
  const { power, rest } = reduce(x, MAGIC, lanes);
  const d = v.fma(v.sub(power, v.constant(1)), power, rest);
  return v.div(d, v.add(d, v.constant(2)));
}

/** Beyond, exp is infinite; and below this, 0. */
const LARGEST = 88.8;
const SMALLEST = -87.5;

/** Of a value: whether it or its negative is meant. */
type Sign = 1 | -1;

interface Reduction {
  /** ln 2 as a sum. */
  readonly ln2: readonly number[];
  readonly series: readonly number[];
}
const LONG: Reduction = { ln2: [LN2_HIGH, LN2_LOW], series: SERIES };
/** The one number is off by 2e-9, n times of which is a unit in the last place of a power of 2^60. */
const SHORT: Reduction = { ln2: [Math.LN2], series: SHORT_SERIES };

/** s x = n ln 2 + s r, s being the sign: 2^n for n = round(s x / ln 2), halved when `magic` is one less, and s (e^(s r) - 1). */
function reduce(
  x: VExpr,
  magic: number,
  lanes: number,
  sign: Sign = 1,
  { ln2, series }: Reduction = LONG,
): { readonly power: VExpr; readonly rest: VExpr } {
  const v = ops(lanes);
  const [plus, minus] = [v.plus(sign), v.plus(sign === 1 ? -1 : 1)];
  const shifted = plus(v.constant(magic), x, v.constant(Math.LOG2E));
  const n = v.sub(shifted, v.constant(magic));
  const r = ln2.reduce((left, part) => minus(left, n, v.constant(part)), x);
  const square = v.mul(r, r);
  const signed = series.map((c, power) => (power % 2 === 0 ? c : sign * c));
  const rest = plus(r, square, seriesAt(r, square, signed, lanes));
  return { power: { kind: "exponent", lanes, value: shifted }, rest };
}

/**
 * A polynomial by its coefficients, lowest power first, in pairs (Estrin's scheme): they wait less for one another, and fewer
 * constants are added to, each of which must be moved to a register of its own first.
 */
function seriesAt(r: VExpr, square: VExpr, coefficients: readonly number[], lanes: number): VExpr {
  const v = ops(lanes);
  const pairs = coefficients.flatMap((c, power) => {
    if (power % 2 === 1) return [];
    const next = coefficients[power + 1];
    return [next === undefined ? v.constant(c) : v.fma(v.constant(c), v.constant(next), r)];
  });
  return pairs.reduceRight((higher, pair) => v.fma(pair, square, higher));
}

function economized(): readonly number[] {
  const half = Math.LN2 / 2;
  const terms = 5;
  const f = (r: number): number => {
    let sum = 0;
    for (let k = 14; k >= 0; k--) sum = (sum * r) / (k + 3) + 1;
    return sum / 2;
  };
  const at = Array.from({ length: terms }, (_, k) => half * Math.cos(((2 * k + 1) * Math.PI) / (2 * terms)));
  return interpolate(at, at.map(f));
}

/** Coefficients, lowest power first, of the polynomial through these points (Newton's divided differences). */
function interpolate(at: readonly number[], values: readonly number[]): readonly number[] {
  const divided = [...values];
  for (let k = 1; k < at.length; k++) {
    for (let i = at.length - 1; i >= k; i--) divided[i] = (divided[i] - divided[i - 1]) / (at[i] - at[i - k]);
  }
  return divided.reduceRight<readonly number[]>((inner, d, i) => {
    const shifted = [0].concat(inner);
    const scaled = inner.map((c) => -c * at[i]).concat(0);
    return shifted.map((c, k) => c + scaled[k] + (k === 0 ? d : 0)).slice(0, at.length);
  }, []);
}

interface Ops {
  readonly constant: (value: number) => VExpr;
  readonly add: (lhs: VExpr, rhs: VExpr) => VExpr;
  readonly sub: (lhs: VExpr, rhs: VExpr) => VExpr;
  readonly mul: (lhs: VExpr, rhs: VExpr) => VExpr;
  readonly div: (lhs: VExpr, rhs: VExpr) => VExpr;
  readonly min: (lhs: VExpr, rhs: VExpr) => VExpr;
  readonly max: (lhs: VExpr, rhs: VExpr) => VExpr;
  readonly fma: (acc: VExpr, a: VExpr, b: VExpr) => VExpr;
  /** acc + sign * a * b. */
  readonly plus: (sign: Sign) => (acc: VExpr, a: VExpr, b: VExpr) => VExpr;
}

function ops(lanes: number): Ops {
  const binary =
    (op: BinaryOp) =>
    (lhs: VExpr, rhs: VExpr): VExpr => ({ kind: "binary", op, lanes, lhs, rhs });
  return {
    constant: (value) => ({
      kind: "splat",
      lanes,
      value: { kind: "literal", value: Math.fround(value), dtype: "f32" },
    }),
    add: binary("add"),
    sub: binary("sub"),
    mul: binary("mul"),
    div: binary("div"),
    min: binary("min"),
    max: binary("max"),
    fma: (acc, a, b) => ({ kind: "fma", lanes, acc, a, b }),
    plus: (sign) => (acc, a, b) => ({ kind: sign === 1 ? "fma" : "fms", lanes, acc, a, b }),
  };
}
