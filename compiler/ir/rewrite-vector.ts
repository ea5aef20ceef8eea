import type { Cond } from "./expr.ts";
import type { Index } from "./index-expr.ts";
import { mapSame } from "./rewrite.ts";
import type { VExpr } from "./vector.ts";

/** Rewrites the operands of an expression; the same comes back when none changed, and what is known of it stays known. */
export function mapOperands(e: VExpr, f: (e: VExpr) => VExpr): VExpr {
  switch (e.kind) {
    case "literal":
    case "register":
    case "load":
    case "index":
    case "iota":
      return e;
    case "splat":
    case "unary":
    case "exponent":
    case "reciprocal":
    case "convert": {
      const value = f(e.value);
      return value === e.value ? e : { ...e, value };
    }
    case "binary": {
      const lhs = f(e.lhs);
      const rhs = f(e.rhs);
      return lhs === e.lhs && rhs === e.rhs ? e : { ...e, lhs, rhs };
    }
    case "fma":
    case "fms":
    case "fma-lane": {
      const acc = f(e.acc);
      const a = f(e.a);
      const b = f(e.b);
      return acc === e.acc && a === e.a && b === e.b ? e : { ...e, acc, a, b };
    }
    case "mul-lane": {
      const a = f(e.a);
      const b = f(e.b);
      return a === e.a && b === e.b ? e : { ...e, a, b };
    }
    case "narrow": {
      const low = f(e.low);
      const high = f(e.high);
      return low === e.low && high === e.high ? e : { ...e, low, high };
    }
    case "call":
    case "instruction": {
      const args = mapSame(e.args, f);
      return args === e.args ? e : { ...e, args };
    }
    case "select": {
      const then = f(e.then);
      const otherwise = f(e.otherwise);
      return then === e.then && otherwise === e.otherwise ? e : { ...e, then, otherwise };
    }
  }
}

/** Rewrites every index of an expression; the same comes back when none changed. */
export function mapIndices(e: VExpr, f: (index: Index) => Index): VExpr {
  const map = (x: VExpr): VExpr => mapOwnIndices(mapOperands(x, map), f);
  return map(e);
}

/** The same of those that an expression itself mentions, its operands left out. */
function mapOwnIndices(inner: VExpr, f: (index: Index) => Index): VExpr {
  switch (inner.kind) {
    case "load": {
      const at = f(inner.at);
      return at === inner.at ? inner : { ...inner, at };
    }
    case "index": {
      const index = f(inner.index);
      return index === inner.index ? inner : { ...inner, index };
    }
    case "select": {
      const when = mapCond(inner.when, f);
      return when === inner.when ? inner : { ...inner, when };
    }
    default:
      return inner;
  }
}

export function mapCond(cond: Cond, f: (index: Index) => Index): Cond {
  const lhs = f(cond.lhs);
  const rhs = f(cond.rhs);
  return lhs === cond.lhs && rhs === cond.rhs ? cond : { ...cond, lhs, rhs };
}
