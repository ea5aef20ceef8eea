import { applyBinary, applyUnary, convertNumber } from "./arithmetic.ts";
import { type DType, rounded } from "./dtype.ts";
import { applyFunction, type FunctionName } from "./functions.ts";
import { type Index, isConstant } from "./index-expr.ts";
import type { BinaryOp, Cond, UnaryOp } from "./operations.ts";

export type { BinaryOp, Cond, UnaryOp } from "./operations.ts";

/** Where in a buffer: one logical index per dimension. */
export interface Access {
  readonly buffer: string;
  readonly at: readonly Index[];
}

/**
 * A rectangular list of numbers known at compile time, row-major, each an f32: the transforms of a
 * Winograd convolution, the taps of a filter. It has no place in memory: an element is a literal as soon as
 * its indices are constants, which they are once the loops over it are unrolled. Lowering refuses the others.
 */
export interface Table {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/**
 * Values, each of one type (`typeOf`): operands of an operation are of the same, and only `convert` changes it. Pure: may be
 * repeated, dropped or moved. A literal is a number of its type.
 */
export type Expr =
  | { readonly kind: "literal"; readonly value: number; readonly dtype: DType }
  | ({ readonly kind: "load"; readonly dtype: DType } & Access)
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly lhs: Expr; readonly rhs: Expr }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly value: Expr }
  /** One of functions.ts, of f32. */
  | { readonly kind: "call"; readonly fn: FunctionName; readonly args: readonly Expr[] }
  | { readonly kind: "select"; readonly when: Cond; readonly then: Expr; readonly otherwise: Expr }
  | { readonly kind: "table"; readonly table: Table; readonly at: readonly Index[] }
  /** An address as a number, f32 or i32. */
  | { readonly kind: "index"; readonly index: Index; readonly dtype: DType }
  /** See convertNumber. Of a `small` one whoever wrote it knows that it is below 2^22 in size, and an i32 is made of it. */
  | { readonly kind: "convert"; readonly to: DType; readonly value: Expr; readonly small?: true };

export function literal(value: number, dtype: DType = "f32"): Expr {
  return { kind: "literal", value, dtype };
}

export function load(buffer: string, at: readonly Index[], dtype: DType = "f32"): Expr {
  return { kind: "load", buffer, at, dtype };
}

/** An address as a number: a literal where it is constant. */
export function indexNumber(index: Index, dtype: DType): Expr {
  return isConstant(index) ? literal(rounded(dtype, index.offset), dtype) : { kind: "index", index, dtype };
}

/** A conversion of a value that is small to i32; constants fold. */
export function roundSmall(value: Expr): Expr {
  const whole = convert("i32", value);
  return whole.kind === "convert" ? { ...whole, small: true } : whole;
}

/** A conversion to another type; constants fold. */
export function convert(to: DType, value: Expr): Expr {
  return value.kind === "literal"
    ? literal(convertNumber(to, value.value), to)
    : { kind: "convert", to, value };
}

/** The type of a value. */
export function typeOf(e: Expr): DType {
  switch (e.kind) {
    case "literal":
    case "load":
    case "index":
      return e.dtype;
    case "table":
    case "call":
      return "f32";
    case "convert":
      return e.to;
    case "binary":
      return typeOf(e.lhs);
    case "unary":
      return typeOf(e.value);
    case "select":
      return typeOf(e.then);
  }
}

/** An element of a table: a literal where the indices are constants. */
export function entry(table: Table, at: readonly Index[]): Expr {
  return at.every(isConstant)
    ? literal(
        tableValue(
          table,
          at.map((i) => i.offset),
        ),
      )
    : { kind: "table", table, at };
}

/** The number at the given indices. */
export function tableValue({ shape, values }: Table, at: readonly number[]): number {
  return values[at.reduce((flat, i, d) => flat * shape[d] + i, 0)];
}

/** A binary expression; constants fold, and min/max with the infinity that changes nothing vanish. */
export function binary(op: BinaryOp, lhs: Expr, rhs: Expr): Expr {
  if (lhs.kind === "literal" && rhs.kind === "literal") {
    return literal(applyBinary(op, lhs.value, rhs.value, lhs.dtype), lhs.dtype);
  }
  if (op === "max" && rhs.kind === "literal" && rhs.value === Number.NEGATIVE_INFINITY) return lhs;
  if (op === "min" && rhs.kind === "literal" && rhs.value === Number.POSITIVE_INFINITY) return lhs;
  if (op === "max" && lhs.kind === "literal" && lhs.value === Number.NEGATIVE_INFINITY) return rhs;
  if (op === "min" && lhs.kind === "literal" && lhs.value === Number.POSITIVE_INFINITY) return rhs;
  return { kind: "binary", op, lhs, rhs };
}

export function unary(op: UnaryOp, value: Expr): Expr {
  return value.kind === "literal"
    ? literal(applyUnary(op, value.value, value.dtype), value.dtype)
    : { kind: "unary", op, value };
}

/** A function of numbers; of constants it is one. */
export function call(fn: FunctionName, args: readonly Expr[]): Expr {
  const values = args.flatMap((arg) => (arg.kind === "literal" ? [arg.value] : []));
  return values.length === args.length ? literal(applyFunction(fn, values)) : { kind: "call", fn, args };
}

/** One value where the condition holds, the other elsewhere. */
export function select(when: Cond, then: Expr, otherwise: Expr): Expr {
  return { kind: "select", when, then, otherwise };
}

/** Conditions one of which holds exactly where this one does not. */
export function opposites({ op, lhs, rhs }: Cond): readonly Cond[] {
  if (op === "lt") return [{ op: "ge", lhs, rhs }];
  if (op === "ge") return [{ op: "lt", lhs, rhs }];
  return [
    { op: "lt", lhs, rhs },
    { op: "lt", lhs: rhs, rhs: lhs },
  ];
}

/** Whether two expressions are written alike, part by part. */
export function isSameExpr(a: Expr, b: Expr): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
