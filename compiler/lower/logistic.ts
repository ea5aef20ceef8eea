import type { Expr } from "../ir/expr.ts";
import { logisticOf } from "../ir/logistic.ts";
import { isLiteral, type VExpr } from "../ir/vector.ts";
import type { Target } from "../machine/target.schema.ts";
import { halfLogistic } from "./half-logistic.ts";
import { LEAST_LOGISTIC, vectorOnePlusExp } from "./vector-exp.ts";

type Binary = Expr & { readonly kind: "binary" };

/** Quotients c / (1 + e^-v) and v / (1 + e^-v), which are sigmoid and Swish, in lanes. */
export interface Logistics {
  /** Undefined: it is none of these. `inLanes` makes vectors of the operands. */
  readonly of: (e: Binary, inLanes: (e: Expr) => VExpr, lanes: number) => VExpr | undefined;
}

/** Multiply-adds and the like of such a quotient but for the division, and of one by the reciprocal in its place. */
const OPERATIONS = 14;
const BY_RECIPROCAL = 5;
/** Bytes of a vector of which a core's units do a part each. */
const VECTOR_BYTES = 16;

/** Each of these counts what it has made, so that divider and multipliers of a slow division share the work. */
export function openLogistics({ isa, core }: Target): Logistics {
  const fused = isa.fused === true;
  const each = isa.ops.reciprocal === undefined ? undefined : eachByReciprocal(core);
  let made = 0;
  return {
    of(e, inLanes, lanes) {
      const found = lanes === 1 ? undefined : logisticOf(e);
      if (found === undefined) return undefined;
      const [above, value] = [inLanes(found.above), inLanes(found.value)];
      if (found.dtype === "f16") return halfLogistic(isLiteral(above) ? above : undefined, value, lanes);
      const held = bounded(value, lanes);
      const below = vectorOnePlusExp(held, lanes, fused);
      made++;
      const divide = each !== undefined && made % each === 0 ? byReciprocal : byDivision;
      return divide(isLiteral(above) ? above : held, below, lanes);
    },
  };
}

/**
 * One of how many quotients is made by the reciprocal: where the divider takes longer than all the other operations of one, as many as
 * end when it does. Undefined: none.
 */
function eachByReciprocal({ model }: Target["core"]): number | undefined {
  if (model === undefined || model.ports.simd === 0) return undefined;
  const time = VECTOR_BYTES / model.bytes.fpBytes / model.ports.simd;
  const divided =
    ((OPERATIONS + BY_RECIPROCAL) * time) / (model.latencies.fdivInterval + BY_RECIPROCAL * time);
  return divided < 1 ? Math.round(1 / (1 - divided)) : undefined;
}

function bounded(value: VExpr, lanes: number): VExpr {
  return { kind: "binary", op: "max", lanes, lhs: value, rhs: number(LEAST_LOGISTIC, lanes) };
}

function byDivision(above: VExpr, below: VExpr, lanes: number): VExpr {
  return { kind: "binary", op: "div", lanes, lhs: above, rhs: below };
}

/** An estimate r of 1 / below, right in its first eight digits, is 1 / below * (1 - e); 1 + e + e^2 makes it right in all but the last. */
function byReciprocal(above: VExpr, below: VExpr, lanes: number): VExpr {
  const r: VExpr = { kind: "reciprocal", lanes, value: below };
  const e: VExpr = { kind: "fms", lanes, acc: number(1, lanes), a: below, b: r };
  const rest: VExpr = { kind: "fma", lanes, acc: e, a: e, b: e };
  const estimate: VExpr = { kind: "binary", op: "mul", lanes, lhs: above, rhs: r };
  return { kind: "fma", lanes, acc: estimate, a: estimate, b: rest };
}

function number(value: number, lanes: number): VExpr {
  return { kind: "splat", lanes, value: { kind: "literal", value: Math.fround(value), dtype: "f32" } };
}
