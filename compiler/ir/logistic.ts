import type { DType } from "./dtype.ts";
import { type Expr, isSameExpr, typeOf } from "./expr.ts";

/** A quotient c / (1 + e^-v) or v / (1 + e^-v): sigmoid and Swish. */
export interface Logistic {
  readonly above: Expr;
  readonly value: Expr;
  readonly dtype: DType;
}

/** What such a quotient is of; undefined: it is none. */
export function logisticOf(e: Expr): Logistic | undefined {
  if (e.kind !== "binary" || e.op !== "div" || e.rhs.kind !== "binary" || e.rhs.op !== "add")
    return undefined;
  const { lhs: one, rhs: power } = e.rhs;
  const exponent =
    one.kind === "literal" && one.value === 1 && power.kind === "unary" && power.op === "exp"
      ? negated(power.value)
      : undefined;
  if (exponent === undefined || !(e.lhs.kind === "literal" || isSameExpr(e.lhs, exponent))) return undefined;
  return { above: e.lhs, value: exponent, dtype: typeOf(e) };
}

/** v of -v, however that is written. */
function negated(e: Expr): Expr | undefined {
  if (e.kind === "unary" && e.op === "neg") return e.value;
  const isFactor = e.kind === "binary" && e.op === "mul" && e.lhs.kind === "literal" && e.lhs.value === -1;
  return isFactor ? e.rhs : undefined;
}
