import type { BinaryOp } from "../ir/operations.ts";
import { isLiteral, type VExpr } from "../ir/vector.ts";

/** a + b * c and a - b * c in one operation, a bound that is a number second (see `min` in ir/expr.ts); anything else as it is. */
export function multiplyAdd(op: BinaryOp, lhs: VExpr, rhs: VExpr, lanes: number): VExpr {
  const plain: VExpr = { kind: "binary", op, lanes, lhs, rhs };
  if ((op === "min" || op === "max") && isLiteral(lhs)) return { ...plain, lhs: rhs, rhs: lhs };
  if (lanes === 1) return plain;
  if (op === "add" && isProduct(rhs)) return { kind: "fma", lanes, acc: lhs, a: rhs.lhs, b: rhs.rhs };
  if (op === "add" && isProduct(lhs)) return { kind: "fma", lanes, acc: rhs, a: lhs.lhs, b: lhs.rhs };
  if (op === "sub" && isProduct(rhs)) return { kind: "fms", lanes, acc: lhs, a: rhs.lhs, b: rhs.rhs };
  return plain;
}

export function isProduct(e: VExpr): e is Extract<VExpr, { readonly kind: "binary" }> {
  return e.kind === "binary" && e.op === "mul";
}

/** v of -1 * v, which is how a vector is negated. */
export function minusOne(e: VExpr): VExpr | undefined {
  if (!isProduct(e)) return undefined;
  const factor = e.lhs.kind === "splat" ? e.lhs.value : e.lhs;
  return factor.kind === "literal" && factor.value === -1 ? e.rhs : undefined;
}
