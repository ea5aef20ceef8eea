import { type DType, isInteger, rounded } from "../ir/dtype.ts";
import type { BinaryOp, UnaryOp } from "../ir/expr.ts";
import type { Block } from "../ir/stmt.ts";
import * as rounding from "./rounding.ts";

/** A buffer's arrays: values `v`, errors `e` unless it is exact, and sums of magnitudes `m` where it is added to. */
export interface Buffer {
  readonly id: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly exact: boolean;
  readonly reduced: boolean;
}
/** Texts of a value and of its error, "0" for none. */
export interface Term {
  readonly v: string;
  readonly e: string;
}

/** Rounding of an operation, and of the smallest numbers; largest number. */
export const FULL = { unit: rounding.ROUNDING, least: rounding.LEAST, largest: rounding.LARGEST };
export const HALF = {
  unit: rounding.HALF.rounding,
  least: rounding.HALF.step,
  largest: rounding.HALF.largest,
};

/** Node may compute with more digits of a constant than a board. */
export function literalTerm(number: number, dtype: DType): Term {
  const value = rounded(dtype, number);
  const half = dtype === "f16";
  const exact = Number.isInteger(value * (half ? 1 : 1024)) || !Number.isFinite(value);
  const unit = half ? rounding.HALF.rounding : rounding.ROUNDING;
  return { v: `(${value})`, e: exact ? "0" : `${2 * unit * Math.abs(value)}` };
}

/** A function of one value, and its bound as that is named. */
export function ofUnary(op: UnaryOp, a: Term): { readonly v: string; readonly e: (named: string) => string } {
  switch (op) {
    case "neg":
      return { v: `-${a.v}`, e: () => a.e };
    case "wrapI16":
      return { v: `R.in16Bits(${a.v})`, e: () => (a.e === "0" ? "0" : `R.in16BitsError(${a.v}, ${a.e})`) };
    case "exp":
    case "sqrt":
    case "tanh":
      return {
        v: `R.held(Math.${op}(${a.v}))`,
        e: (named) => `R.rounded(${named}, R.FUNCTION_ERRORS.${op}(${a.v}, ${a.e}))`,
      };
  }
}

/** The bound of an element: of a sum's terms, and of adding them up unless they are whole. */
export function errorAt({ id, reduced, dtype }: Buffer, at: string): string {
  if (!reduced || isInteger(dtype)) return `${id}e[${at}]`;
  return dtype === "f16"
    ? `R.summedHalf(${id}e[${at}], ${id}m[${at}], HALF_FACTOR)`
    : `R.summed(${id}e[${at}], ${id}m[${at}], FACTOR)`;
}

/** What is not finite has no magnitude: it decides the sum, as it does on the board. */
export function finite(magnitude: string): string {
  return `${magnitude} < Infinity ? ${magnitude} : 0`;
}

/**
 * What an operand without an error has to do with the other, infinite perhaps: nothing. Where nothing is known of an operand, it
 * is not known what becomes of the other, zero perhaps.
 */
function scaled(v: string, e: string): string {
  return e === "0" ? "0" : `(${e} === 0 || ${e} === Infinity ? ${e} : Math.abs(${v}) * ${e})`;
}

/** What the errors of two factors come to, before their product is rounded. */
export function ofProduct(a: Term, b: Term): string {
  return sum([scaled(a.v, b.e), scaled(b.v, a.e), a.e === "0" || b.e === "0" ? "0" : scaled(a.e, b.e)]);
}

/** The errors of several operands. */
export function sum(errors: readonly string[]): string {
  return errors.filter((e) => e !== "0").join(" + ") || "0";
}

/** i32 wraps around, and is exact where its operands are. */
export function wrapped(op: BinaryOp, a: Term, b: Term): Term {
  const signs: Partial<Record<BinaryOp, string>> = { add: "+", sub: "-" };
  const v = op === "mul" ? `Math.imul(${a.v}, ${b.v})` : `(${a.v} ${signs[op]} ${b.v}) | 0`;
  return { v, e: sum(op === "mul" ? [scaled(a.v, b.e), scaled(b.v, a.e)] : [a.e, b.e]) };
}

/** Buffers that are added to. */
export function collectReduced(block: Block, into: Set<string>): void {
  for (const s of block) {
    if (s.kind === "for" || s.kind === "alloc" || s.kind === "if") collectReduced(s.body, into);
    else if (s.kind === "reduce" && s.op === "add") into.add(s.buffer);
  }
}

/** Elements of a buffer. */
export function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
