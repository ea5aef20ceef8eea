import { type DType, isInteger, RANGE, rounded } from "./dtype.ts";
import type { BinaryOp, Cond, UnaryOp } from "./operations.ts";

/**
 * What each operation means, once for every stage and machine. Operands are numbers of the type; the result is the exact one
 * rounded to it: f32 and f16 to the nearest, ties to even, after each operation; i32 wraps around at both ends.
 */
export function applyBinary(op: BinaryOp, a: number, b: number, dtype: DType = "f32"): number {
  switch (op) {
    case "add":
      return rounded(dtype, a + b);
    case "sub":
      return rounded(dtype, a - b);
    case "mul":
      return dtype === "i32" ? Math.imul(a, b) : rounded(dtype, a * b);
    case "div":
      return rounded(dtype, a / b);
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
  }
}

/** Meaning of a unary operation. */
export function applyUnary(op: UnaryOp, a: number, dtype: DType = "f32"): number {
  switch (op) {
    case "neg":
      return isInteger(dtype) ? rounded(dtype, -a) : -a;
    case "exp":
      return rounded(dtype, Math.exp(a));
    case "sqrt":
      return rounded(dtype, Math.sqrt(a));
    case "tanh":
      return rounded(dtype, Math.tanh(a));
    case "wrapI16":
      return (a << 16) >> 16;
  }
}

export function applyCond(op: Cond["op"], lhs: number, rhs: number): boolean {
  switch (op) {
    case "lt":
      return lhs < rhs;
    case "ge":
      return lhs >= rhs;
    case "eq":
      return lhs === rhs;
  }
}

/** acc + a * b, rounded once. */
export function fused(acc: number, a: number, b: number, dtype: DType): number {
  if (dtype === "i32") return (acc + Math.imul(a, b)) | 0;
  return rounded(dtype, dtype === "f16" ? exactSum(acc, a * b) : acc + a * b);
}

/**
 * The sum of two doubles, or beside it where it is not exact, so that it rounds to f16 as the exact one does: the double nearest to
 * the exact sum may lie halfway between two f16 numbers where the sum itself does not.
 */
function exactSum(a: number, b: number): number {
  const sum = a + b;
  const part = sum - a;
  const lost = a - (sum - part) + (b - part);
  return lost === 0 || !Number.isFinite(lost) ? sum : sum + Math.sign(lost) * Math.abs(sum) * 2 ** -50;
}

/** Which type can be converted to which; the others go through i32 or f32, so that each step says what it loses. */
const CONVERSIONS: Readonly<Record<DType, readonly DType[]>> = {
  f32: ["f16", "i32"],
  f16: ["f32"],
  i8: ["i32", "f32", "f16"],
  u8: ["i32", "f32", "f16"],
  i32: ["f32", "i8", "u8"],
};

export function converts(from: DType, to: DType): boolean {
  return CONVERSIONS[from].includes(to);
}

/** The same in procedures, which do at once what kernels write in two steps where f16 has the digits for it (task/halves.ts). */
export function isConversion(from: DType, to: DType): boolean {
  return converts(from, to) || (from === "f16" && to === "i8");
}

/**
 * Meaning of a conversion. To f32 and f16: the nearest number, ties to even (f16 beyond 65504 becomes infinite). To whole types: the
 * nearest whole number, ties to even, held between the least and the greatest of the type; NaN becomes 0.
 */
export function convertNumber(to: DType, value: number): number {
  const range = RANGE[to];
  if (range === undefined) return rounded(to, value);
  if (Number.isNaN(value)) return 0;
  const floor = Math.floor(value);
  const rest = value - floor;
  const whole = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return Math.min(Math.max(whole, range.min), range.max) + 0;
}

/** 1 / v in eight binary digits, as Arm's frecpe has it. */
export function reciprocalEstimate(v: number): number {
  if (!Number.isFinite(v) || v === 0) return 1 / v;
  const size = Math.abs(v);
  const scale = 2 ** Math.floor(Math.log2(size));
  const steps = 2 * Math.floor((size / scale) * 256) + 1;
  const digits = (Math.floor(2 ** 19 / steps) + 1) >> 1;
  return Math.sign(v) * Math.fround(digits / 512 / scale);
}
