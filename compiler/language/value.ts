import { type BinaryOp, binary, type Expr, literal, unary } from "../ir/expr.ts";
import { add, constant, type Index, isConstant, scale, subtract } from "../ir/index-expr.ts";

/** What an expression of a kernel is: known now, an address, or computed when the kernel runs. */
export type Value =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "index"; readonly index: Index }
  | { readonly kind: "expr"; readonly expr: Expr };

export const known = (value: number): Value => ({ kind: "constant", value });
export const address = (index: Index): Value =>
  isConstant(index) ? known(index.offset) : { kind: "index", index };
export const computed = (expr: Expr): Value => ({ kind: "expr", expr });

/** A value as IR, where nothing says of which type it is: f32. Constants are rounded here, their arithmetic before was Node's. */
export function toExpr(value: Value): Expr {
  switch (value.kind) {
    case "constant":
      return literal(Math.fround(value.value));
    case "index":
      return { kind: "index", index: value.index, dtype: "f32" };
    case "expr":
      return value.expr;
  }
}

export function negate(value: Value): Value {
  if (value.kind === "constant") return known(-value.value);
  if (value.kind === "index") return address(scale(value.index, -1));
  return computed(unary("neg", value.expr));
}

/** One operation on values of any kind: constants fold as in Node, sums of addresses stay addresses. */
export function combineValues(op: BinaryOp, a: Value, b: Value): Value {
  if (a.kind === "constant" && b.kind === "constant") return known(fold(op, a.value, b.value));
  const x = asIndex(a);
  const y = asIndex(b);
  if (x !== undefined && y !== undefined) {
    if (op === "add") return address(add(x, y));
    if (op === "sub") return address(subtract(x, y));
    if (op === "mul" && isConstant(x)) return address(scale(y, x.offset));
    if (op === "mul" && isConstant(y)) return address(scale(x, y.offset));
  }
  return computed(binary(op, toExpr(a), toExpr(b)));
}

/** A value as an address, when it is one. */
export function asIndex(value: Value): Index | undefined {
  if (value.kind === "index") return value.index;
  return value.kind === "constant" && Number.isInteger(value.value) ? constant(value.value) : undefined;
}

function fold(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case "add":
      return a + b;
    case "sub":
      return a - b;
    case "mul":
      return a * b;
    case "div":
      return a / b;
    case "min":
      return Math.min(a, b);
    case "max":
      return Math.max(a, b);
  }
}
