import type { Index } from "../ir/index-expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { Block } from "../ir/stmt.ts";
import { takeStep } from "./take-step.ts";
import type { Trace } from "./trace.ts";

/** Half a unit in the last place of an f32 near 1. */
const ROUNDING = 2 ** -24;

/** How far a result may lie from the same sums in another order. */
export interface Tolerance {
  /** Most values added into one element. */
  readonly terms: number;
  /** Whether the steps change the order of any sum. */
  readonly reassociated: boolean;
  /** Bound of the error, relative to the sum of the magnitudes of what is added. */
  readonly relative: number;
}

/**
 * The numeric tolerance of a procedure, or of it under a trace. A sum of n values rounded after each addition
 * lies within (n-1) roundings of the exact one, in any order, so two orders lie within twice that (Higham,
 * Accuracy and Stability of Numerical Algorithms, 4.2); products add one rounding each, which a fused
 * multiply-add leaves out. With the order kept only the products' roundings count.
 */
export function tolerance(proc: LoopProc, trace: Trace = []): Tolerance {
  const terms = longestSum(proc);
  const reassociated = !keepsOrder(proc, trace);
  const roundings = terms <= 1 ? 1 : reassociated ? 2 * (terms - 1) + 1 : terms;
  return { terms, reassociated, relative: roundings * ROUNDING };
}

/** Whether every step is allowed where sums keep their order. */
function keepsOrder(proc: LoopProc, trace: Trace): boolean {
  let current = proc;
  for (const step of trace) {
    const taken = takeStep(current, step, { strict: true });
    if (taken.refused !== undefined) return false;
    current = taken.proc;
  }
  return true;
}

/** Most values added into one element of any buffer. */
export function longestSum(proc: LoopProc): number {
  let most = 0;
  const visit = (block: Block, loops: readonly Loop[], local: ReadonlyMap<string, number>): void => {
    for (const s of block) {
      if (s.kind === "for") visit(s.body, [...loops, { axis: s.axis, extent: s.extent }], local);
      else if (s.kind === "alloc") visit(s.body, loops, new Map(local).set(s.buffer, loops.length));
      else if (s.kind === "if") visit(s.body, loops, local);
      else if (s.kind === "reduce" && s.op === "add") {
        most = Math.max(most, repeats(s.at, loops.slice(local.get(s.buffer) ?? 0)));
      }
    }
  };
  visit(proc.body, [], new Map());
  return most;
}

interface Loop {
  readonly axis: string;
  readonly extent: number;
}

/** Most iterations that touch one element: the product of the extents that the indices do not tell apart. */
function repeats(at: readonly Index[], loops: readonly Loop[]): number {
  const told = new Set<string>();
  for (const { terms } of at) {
    let reach = 1;
    for (const { coef, atom } of [...terms].sort((a, b) => Math.abs(a.coef) - Math.abs(b.coef))) {
      const found = atom.kind === "axis" ? loops.find((l) => l.axis === atom.name) : undefined;
      if (found === undefined || told.has(found.axis) || Math.abs(coef) < reach) continue;
      told.add(found.axis);
      reach += Math.abs(coef) * (found.extent - 1);
    }
  }
  return loops.reduce((n, l) => (told.has(l.axis) ? n : n * l.extent), 1);
}
