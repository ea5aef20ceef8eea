import type { BinaryOp } from "../ir/expr.ts";
import { eachRegister, readsRegister, type VBlock, type VExpr } from "../ir/vector.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

/**
 * An accumulator that is cleared and then, in the same straight-line code, given its first product, summand, or value of which it is the
 * most or the least, starts with that instead. (0 + a and a differ in the sign of a zero only.)
 */
export function startWithFirst(block: VBlock, byLane: boolean): VBlock {
  return mapRuns(block, (run) => {
    const cleared = new Map<string, Cleared>();
    const out: (Straight | undefined)[] = [...run];
    run.forEach((s, i) => {
      const forget = (name: string): void => void cleared.delete(name);
      if (s.kind !== "set") {
        if (cleared.size > 0) eachRegister(s.value, forget);
        return;
      }
      const start = cleared.get(s.name);
      const first = start && firstValue(s.value, s.name, start.to, byLane);
      if (start && first) {
        out[start.at] = undefined;
        out[i] = { ...s, value: first };
      }
      if (cleared.size > 0) eachRegister(s.value, forget);
      const to = literalIn(s.value);
      if (to === undefined) cleared.delete(s.name);
      else cleared.set(s.name, { at: i, to });
    });
    return out.filter((s) => s !== undefined);
  });
}

/** Where an accumulator was set to a number. */
interface Cleared {
  readonly at: number;
  readonly to: number;
}

function literalIn(e: VExpr): number | undefined {
  if (e.kind === "splat") return literalIn(e.value);
  return e.kind === "literal" ? e.value : undefined;
}

/** What an accumulator, set to a number, is then given; undefined: something else. */
function firstValue(e: VExpr, name: string, to: number, byLane: boolean): VExpr | undefined {
  if (e.kind === "binary") {
    const alone = e.lhs.kind === "register" && e.lhs.name === name && !readsRegister(e.rhs, name);
    return alone && NEUTRAL[e.op] === to ? e.rhs : undefined;
  }
  return to === 0 ? firstProduct(e, name, byLane) : undefined;
}

/** What leaves the other operand as it is. */
const NEUTRAL: Partial<Record<BinaryOp, number>> = {
  add: 0,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
};

function firstProduct(e: VExpr, name: string, byLane: boolean): VExpr | undefined {
  if (e.kind !== "fma" && e.kind !== "fma-lane") return undefined;
  if (e.acc.kind !== "register" || e.acc.name !== name) return undefined;
  if (readsRegister(e.a, name) || readsRegister(e.b, name)) return undefined;
  if (e.kind === "fma") return { kind: "binary", op: "mul", lanes: e.lanes, lhs: e.a, rhs: e.b };
  return byLane ? { kind: "mul-lane", lanes: e.lanes, a: e.a, b: e.b, lane: e.lane } : undefined;
}
