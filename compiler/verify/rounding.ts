import { applyUnary, convertNumber } from "../ir/arithmetic.ts";
import { type DType, FLOAT_LARGEST, HALF_LARGEST, isInteger } from "../ir/dtype.ts";
import { LEAST_HALF_LOGISTIC } from "../lower/half-logistic.ts";
import { LEAST_LOGISTIC } from "../lower/vector-exp.ts";

/**
 * How far two right computations of one layer may lie apart, element by element.
 *
 * Model (Higham, Accuracy and Stability of Numerical Algorithms, 2.2 and 3.1): a float32 operation gives
 * (a op b)(1 + d) with |d| <= u = 2^-24, as long as it neither overflows nor underflows; n of them in a row give a factor
 * within 1 +- gamma(n), gamma(n) = nu / (1 - nu). So every value carries a bound `e` of its error, and each operation
 * says what becomes of it (running error analysis, 3.3):
 *
 *     a + b     e(a) + e(b) + u|a + b|
 *     a * b     |a| e(b) + |b| e(a) + e(a) e(b) + u|ab|
 *     f(a)      what f makes of a's error, and a few u of the result
 *     sum of n  the terms' e, and gamma(n + SLACK) times the sum of the terms' magnitudes: in any order, and with or
 *               without fused multiply-adds (4.2). Of a convolution that is gamma times the sum of |w||x|: the honest
 *               scale of an element, which a nearby large one does not change.
 *
 * SLACK stands for the rounding of a product, of a weight that a batch norm was folded into, of a bias, and of the
 * reference's own result.
 *
 * Winograd needs no rule of its own: its kernel is a program of such operations. A tile d becomes points B^T d B, whose
 * error is at most gamma(2a) |B^T||d||B| for a additions a side; each of the C products of a point adds gamma(C) |u||v|, and the
 * output transform carries all of it through |A^T| . |A|. What that costs shows in the largest row sums of |A^T|diag(|G|1)|B^T|1, the
 * growth of one dimension: 8 for F(2x2), 48 for F(4x4), 65 for F(5x5) and 68 for F(6x6), squared for two, where the plain sum has 3. Bounded
 * here is that of the values at hand: points of the tile's own inputs, not of the largest there are, so a bright pixel
 * loosens its own tile's outputs only.
 *
 * Below 2^-126 some boards flush to zero (NEON of 32-bit Arm): each operation may lose that much, and an operand that small
 * as a whole. Above the largest float a sum may overflow or not, depending on its order: nothing can be said of it, and
 * its bound is infinite.
 */

/** Rounding of one float32 operation, relative: half of the distance from 1 to the next float. */
export const ROUNDING = 2 ** -24;
/** Least normal float: what is smaller may count as zero. */
export const LEAST = 2 ** -126;
/** Largest float. */
export const LARGEST = FLOAT_LARGEST;
/** The same of f16: rounding, least normal number and distance of those below it, largest number. */
export const HALF = { rounding: 2 ** -11, least: 2 ** -14, step: 2 ** -24, largest: HALF_LARGEST } as const;
/** Roundings of an element beside those of its sum. */
const SLACK = 4;

/** Bound of n roundings in a row, relative. */
export function gamma(n: number, unit: number = ROUNDING): number {
  const nu = n * unit;
  return nu < 1 ? nu / (1 - nu) : Number.POSITIVE_INFINITY;
}

/** The factor of a sum's magnitudes: n terms in any order. */
export function sumFactor(terms: number, unit: number = ROUNDING): number {
  return gamma(terms + SLACK, unit);
}

/** Of roundings that are as good as independent a sum is off by so many times their deviation at most: but for one in 10^10 of 10^3 terms. */
export const DEVIATIONS = 8;

/**
 * The same of f16, where the sum of all roundings would bound nothing: those of n terms, as good as independent, come to a multiple of the
 * root of n (Higham and Mary, A New Approach to Probabilistic Rounding Error Analysis, 2019, theorem 2.4).
 */
export function halfSumFactor(terms: number): number {
  const unit = HALF.rounding;
  const n = terms + SLACK;
  const likely = Math.expm1(DEVIATIONS * Math.sqrt(n) * unit + (n * unit ** 2) / (1 - unit));
  return Math.min(sumFactor(terms, unit), likely);
}

/** How far a number may be off as one of f16. */
export function roundedToHalf(v: number): number {
  return HALF.rounding * Math.abs(v) + HALF.step;
}

/** What an operation gives: too large a value is infinite, as in float32. */
export function held(v: number): number {
  return v > LARGEST ? Number.POSITIVE_INFINITY : v < -LARGEST ? Number.NEGATIVE_INFINITY : v;
}

/** Bound after an operation that gave `v` of operands whose errors come to `e`. */
export function rounded(v: number, e: number): number {
  const size = Math.abs(v);
  const all = e + ROUNDING * size + LEAST;
  return size + all <= LARGEST ? all : beyond(size, e);
}

/**
 * Bound of a result that with its error is beyond the largest float, of operands whose errors come to `e`: it may have overflowed
 * or not, but where it is infinite or no number whatever they were.
 */
export function beyond(size: number, e: number): number {
  return size < Number.POSITIVE_INFINITY || e > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** The bound `e` of a value, infinite where that may have overflowed, or where nothing is known of a number. */
export function within(v: number, e: number, largest: number = LARGEST): number {
  return Number.isFinite(v) && !(Math.abs(v) + e <= largest) ? Number.POSITIVE_INFINITY : e;
}

/** Bound of a sum: of its terms together, and of adding up magnitudes of `m`. */
export function summed(e: number, m: number, factor: number): number {
  return m <= LARGEST / 2 ? e + factor * (m + LEAST / ROUNDING) : Number.POSITIVE_INFINITY;
}

/** The same of a sum of f16, whose least numbers are equally far apart. */
export function summedHalf(e: number, m: number, factor: number): number {
  return m <= HALF.largest / 2 ? e + factor * (m + HALF.step / HALF.rounding) : Number.POSITIVE_INFINITY;
}

/** Bound of a value that is converted, from the bound of what it is made of. */
export function converted(to: DType, v: number, e: number): number {
  if (to === "f16") return convertedToHalf(v, e);
  if (e === 0 || Number.isNaN(v)) return e;
  if (!isInteger(to)) return Number.isFinite(v) ? e + ROUNDING * (Math.abs(v) + e) : e;
  const near = convertNumber(to, v);
  return Math.max(convertNumber(to, v + e) - near, near - convertNumber(to, v - e));
}

/** What 16 bits hold of a whole number, and the bound of that: what may be too large for them may become any other. */
export const in16Bits = (v: number): number => applyUnary("wrapI16", v);
export function in16BitsError(v: number, e: number): number {
  return e === 0 || Math.abs(v) + e < 2 ** 15 ? e : 2 ** 16;
}

/** What is f16 already stays as it is; what may be too large for it may become infinite, or not. The number that is rounded may be off already. */
function convertedToHalf(v: number, e: number): number {
  if (!Number.isFinite(v)) return e;
  if (e === 0 && convertNumber("f16", v) === v) return 0;
  return within(v, e, HALF.largest) + roundedToHalf(Math.abs(v) + e);
}

export { convertNumber } from "../ir/arithmetic.ts";
export { evaluate } from "../ir/functions.ts";
export { heldIndex } from "../ir/index-table.ts";
export { activationError } from "./activation-errors.ts";
export { callError } from "./function-errors.ts";

/** Error of a / b from those of a and b. Some boards' divisions take a few roundings. */
export function divided(a: number, ea: number, b: number, eb: number): number {
  const [quotient, least] = [Math.abs(a / b), Math.abs(b) - eb];
  if (Math.abs(b) === Number.POSITIVE_INFINITY && eb === 0) return ea === Number.POSITIVE_INFINITY ? ea : 0;
  if (eb === 0 && ea === 0) return 2 * ROUNDING * quotient;
  return least > 0 ? (ea + quotient * eb) / least + 2 * ROUNDING * quotient : Number.POSITIVE_INFINITY;
}

/** The same of f32, where nothing else is held: the power there, with room for what it is off by. */
const LOGISTIC = { from: LEAST_LOGISTIC + 0.1, power: 1.01 * Math.exp(LEAST_LOGISTIC) } as const;

/** What a / (1 + e^-v) in lanes may be off by where v counts as the least that the power is right of; a is v or a constant. */
export function heldLogistic(a: number, v: number, e: number): number {
  return v - e < LOGISTIC.from ? LOGISTIC.power * (Math.abs(a) + e) : 0;
}

/** Beyond, a power e^-v counts as the one there, as it is no f16 soon after; and what a quotient may be off by for that, for each 1 above. */
const HALF_LOGISTIC = { from: LEAST_HALF_LOGISTIC + 0.1, least: LEAST_HALF_LOGISTIC, off: 2.5e-5 } as const;
/** Roundings of f16 in such a quotient, its power and its reciprocal included. */
const LOGISTIC_ROUNDINGS = 8;

/** Error of a / (1 + e^-b) of f16, a being b or a constant (lower/half-logistic.ts). */
export function halfLogistic(a: number, ea: number, b: number, eb: number): number {
  // what is infinite is held within what f16 does
  if (![a, ea, b, eb].every(Number.isFinite)) return Number.POSITIVE_INFINITY;
  const at = (v: number): number => 1 / (1 + Math.exp(-v));
  const [low, middle, high] = [at(b - eb), at(b), at(b + eb)];
  const moved = Math.abs(a) * Math.max(high - middle, middle - low) + ea * high;
  const { from, least, off } = HALF_LOGISTIC;
  const beyond = b - eb < from ? off * Math.min(Math.abs(a) + ea, -least) : 0;
  return moved + LOGISTIC_ROUNDINGS * HALF.rounding * Math.abs(a * middle) + 2 * HALF.step + beyond;
}

/** Error of the least (Math.min) or greatest (Math.max) of two values. */
export function between(
  pick: (a: number, b: number) => number,
  a: number,
  ea: number,
  b: number,
  eb: number,
): number {
  if (ea === Number.POSITIVE_INFINITY || eb === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  const v = pick(a, b);
  return Math.max(apart(pick(a + ea, b + eb), v), apart(v, pick(a - ea, b - eb)));
}

function apart(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b);
}

/** Errors of the functions of one value; vector-exp.ts says how exact exp and tanh are. */
export const FUNCTION_ERRORS = {
  neg: (_: number, e: number): number => e,
  exp: (a: number, e: number): number =>
    e < 1
      ? Math.exp(a) * (Math.expm1(e) + 8 * ROUNDING) + 8 * LEAST
      : Math.exp(a + e) * (1 + 8 * ROUNDING) + 8 * LEAST,
  // what may have overflowed may be NaN
  tanh: (a: number, e: number): number =>
    (e < Number.POSITIVE_INFINITY ? Math.min(e, 2) : e) + 8 * ROUNDING * Math.abs(Math.tanh(a)),
  sqrt: (a: number, e: number): number =>
    e === 0 ? 0 : e < a ? e / (Math.sqrt(a) + Math.sqrt(a - e)) : Math.sqrt(a + e),
} as const;
