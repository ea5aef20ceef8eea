import type { LoopProc } from "../../ir/proc.ts";
import type { Diagnostic } from "../../support/diagnostic.ts";
import { type Primitive, RELAXED, type Rules } from "../primitive.ts";

/** A step bound to its primitive. */
export interface Part {
  check(proc: LoopProc, rules: Rules): Diagnostic | undefined;
  apply(proc: LoopProc): LoopProc;
}

export function part<S extends { readonly op: string }>(primitive: Primitive<S>, step: S): Part {
  return {
    check: (proc, rules) => primitive.check(proc, step, rules),
    apply: (proc) => primitive.apply(proc, step, RELAXED),
  };
}

/** The first refusal of steps taken one after the other; each is made for the procedure it is taken on. */
export function checkParts(
  proc: LoopProc,
  rules: Rules,
  parts: readonly ((proc: LoopProc) => Part)[],
): Diagnostic | undefined {
  let current = proc;
  for (const make of parts) {
    const p = make(current);
    const refused = p.check(current, rules);
    if (refused) return refused;
    current = p.apply(current);
  }
  return undefined;
}

export function applyParts(proc: LoopProc, parts: readonly ((proc: LoopProc) => Part)[]): LoopProc {
  return parts.reduce((current, make) => make(current).apply(current), proc);
}
