import { type Index, isConstant } from "./index-expr.ts";

/**
 * A binary operation on values; `div` is IEEE division. `min` and `max` keep NaN: the result is NaN where either operand is
 * (Math.max, NEON's fmax; not C's fmaxf). Of two zeros either may be the result, whatever its sign. Targets without such an
 * instruction compare, and ask whether the second operand is NaN: lowering puts a literal there, of which they know.
 */
export type BinaryOp = "add" | "sub" | "mul" | "div" | "min" | "max";
/** A function of one value, as in C's math library. */
export type UnaryOp = "neg" | "exp" | "sqrt" | "tanh";

/** Where in a buffer: one logical index per dimension. */
export interface Access {
  readonly buffer: string;
  readonly at: readonly Index[];
}

/** A comparison of two addresses. */
export interface Cond {
  readonly op: "lt" | "ge" | "eq";
  readonly lhs: Index;
  readonly rhs: Index;
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

/** Values, all f32 for now. Pure: may be repeated, dropped or moved. */
export type Expr =
  | { readonly kind: "literal"; readonly value: number }
  | ({ readonly kind: "load" } & Access)
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly lhs: Expr; readonly rhs: Expr }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly value: Expr }
  | { readonly kind: "select"; readonly when: Cond; readonly then: Expr; readonly otherwise: Expr }
  | { readonly kind: "table"; readonly table: Table; readonly at: readonly Index[] }
  | { readonly kind: "index"; readonly index: Index };

export function literal(value: number): Expr {
  return { kind: "literal", value };
}

export function load(buffer: string, at: readonly Index[]): Expr {
  return { kind: "load", buffer, at };
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
  if (lhs.kind === "literal" && rhs.kind === "literal") return literal(applyBinary(op, lhs.value, rhs.value));
  if (op === "max" && rhs.kind === "literal" && rhs.value === Number.NEGATIVE_INFINITY) return lhs;
  if (op === "min" && rhs.kind === "literal" && rhs.value === Number.POSITIVE_INFINITY) return lhs;
  if (op === "max" && lhs.kind === "literal" && lhs.value === Number.NEGATIVE_INFINITY) return rhs;
  if (op === "min" && lhs.kind === "literal" && lhs.value === Number.POSITIVE_INFINITY) return rhs;
  return { kind: "binary", op, lhs, rhs };
}

export function unary(op: UnaryOp, value: Expr): Expr {
  return value.kind === "literal" ? literal(applyUnary(op, value.value)) : { kind: "unary", op, value };
}

/** One value where the condition holds, the other elsewhere. */
export function select(when: Cond, then: Expr, otherwise: Expr): Expr {
  return { kind: "select", when, then, otherwise };
}

/** Meaning of a binary operation, rounded to f32 as every value is. */
export function applyBinary(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case "add":
      return Math.fround(a + b);
    case "sub":
      return Math.fround(a - b);
    case "mul":
      return Math.fround(a * b);
    case "div":
      return Math.fround(a / b);
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
  }
}

/** Meaning of a unary operation. */
export function applyUnary(op: UnaryOp, a: number): number {
  switch (op) {
    case "neg":
      return -a;
    case "exp":
      return Math.fround(Math.exp(a));
    case "sqrt":
      return Math.fround(Math.sqrt(a));
    case "tanh":
      return Math.fround(Math.tanh(a));
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

/** Conditions one of which holds exactly where this one does not. */
export function opposites({ op, lhs, rhs }: Cond): readonly Cond[] {
  if (op === "lt") return [{ op: "ge", lhs, rhs }];
  if (op === "ge") return [{ op: "lt", lhs, rhs }];
  return [
    { op: "lt", lhs, rhs },
    { op: "lt", lhs: rhs, rhs: lhs },
  ];
}
