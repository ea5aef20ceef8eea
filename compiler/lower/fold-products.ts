import { binary, type Expr } from "../ir/expr.ts";
import { flatMapSame, mapBlocks, mapValues } from "../ir/rewrite.ts";
import type { Block } from "../ir/stmt.ts";

/**
 * Drops what constants make superfluous: factors 1 and -1, products with 0, sums with 0. Unrolled transforms,
 * whose tables are mostly zeros, become the few additions a person would write. A product with 0 is taken for
 * 0, which it is of finite numbers.
 */
export function foldProducts(block: Block): Block {
  return flatMapSame(block, (s) => {
    if (s.kind !== "store" && s.kind !== "reduce") return mapBlocks(s, foldProducts);
    const value = mapValues(s.value, foldOne);
    if (s.kind === "reduce" && s.op === "add" && isLiteral(value, 0)) return [];
    return value === s.value ? s : { ...s, value };
  });
}

function foldOne(e: Expr): Expr {
  if (e.kind === "unary" && e.op === "neg" && e.value.kind === "unary" && e.value.op === "neg") {
    return e.value.value;
  }
  if (e.kind !== "binary") return e;
  const { op, lhs, rhs } = e;
  if (op === "mul") return product(lhs, rhs) ?? product(rhs, lhs) ?? folded(e);
  if (op === "add" && isLiteral(lhs, 0)) return rhs;
  if ((op === "add" || op === "sub") && isLiteral(rhs, 0)) return lhs;
  if (op === "add" && isNegated(rhs)) return { kind: "binary", op: "sub", lhs, rhs: rhs.value };
  if (op === "add" && isNegated(lhs)) return { kind: "binary", op: "sub", lhs: rhs, rhs: lhs.value };
  if (op === "sub" && isNegated(rhs)) return { kind: "binary", op: "add", lhs, rhs: rhs.value };
  return folded(e);
}

function product(constant: Expr, other: Expr): Expr | undefined {
  if (isLiteral(constant, 0)) return constant;
  if (isLiteral(constant, 1)) return other;
  if (isLiteral(constant, -1)) return { kind: "unary", op: "neg", value: other };
  return undefined;
}

function folded(e: Extract<Expr, { readonly kind: "binary" }>): Expr {
  const next = binary(e.op, e.lhs, e.rhs);
  return next.kind === "binary" ? e : next;
}

function isLiteral(e: Expr, value: number): boolean {
  return e.kind === "literal" && e.value === value;
}

function isNegated(e: Expr): e is Extract<Expr, { readonly kind: "unary" }> {
  return e.kind === "unary" && e.op === "neg";
}
