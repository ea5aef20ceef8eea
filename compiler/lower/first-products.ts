import { eachRegister, readsRegister, type VBlock, type VExpr } from "../ir/vector.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

/**
 * An accumulator that is cleared and then, in the same straight-line code, given its first product starts
 * with the product instead. (0 + a * b and a * b differ in the sign of a zero only.)
 */
export function startWithProduct(block: VBlock, byLane: boolean): VBlock {
  return mapRuns(block, (run) => {
    const cleared = new Map<string, number>();
    const out: (Straight | undefined)[] = [...run];
    run.forEach((s, i) => {
      const forget = (name: string): void => void cleared.delete(name);
      if (s.kind !== "set") {
        if (cleared.size > 0) eachRegister(s.value, forget);
        return;
      }
      const at = cleared.get(s.name);
      const product = at === undefined ? undefined : firstProduct(s.value, s.name, byLane);
      if (at !== undefined && product) {
        out[at] = undefined;
        out[i] = { ...s, value: product };
      }
      if (cleared.size > 0) eachRegister(s.value, forget);
      if (isZero(s.value)) cleared.set(s.name, i);
      else cleared.delete(s.name);
    });
    return out.filter((s) => s !== undefined);
  });
}

function isZero(e: VExpr): boolean {
  return e.kind === "splat" ? isZero(e.value) : e.kind === "literal" && e.value === 0;
}

function firstProduct(e: VExpr, name: string, byLane: boolean): VExpr | undefined {
  if (e.kind !== "fma" && e.kind !== "fma-lane") return undefined;
  if (e.acc.kind !== "register" || e.acc.name !== name) return undefined;
  if (readsRegister(e.a, name) || readsRegister(e.b, name)) return undefined;
  if (e.kind === "fma") return { kind: "binary", op: "mul", lanes: e.lanes, lhs: e.a, rhs: e.b };
  return byLane ? { kind: "mul-lane", lanes: e.lanes, a: e.a, b: e.b, lane: e.lane } : undefined;
}
