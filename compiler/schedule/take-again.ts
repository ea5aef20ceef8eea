import type { LoopProc } from "../ir/proc.ts";
import { RELAXED, type Rules } from "./primitive.ts";
import type { Step } from "./primitives/index.ts";
import { type Taken, type TakeStep, takeStep } from "./take-step.ts";

/** A step of a procedure, by which rules, and what came of it. */
interface Before {
  readonly proc: LoopProc;
  readonly step: Step;
  readonly rules: Rules;
  readonly taken: Taken;
}

/**
 * Takes steps for schedules of one procedure that are made one after the other: what the next has in common with the
 * one before it, from the first step on, is not taken again. Procedures never change, and the same step of the same one
 * gives the same. No more is kept than the steps of one schedule: a weak map's procedures would live until all of
 * memory is collected.
 */
export function takeAgain(): TakeStep {
  const before: Before[] = [];
  return (proc, step, rules = RELAXED) => {
    const at = before.findIndex((b) => b.proc === proc);
    const known = before[at];
    if (known !== undefined && sameRules(known.rules, rules) && sameData(known.step, step))
      return known.taken;
    const { taken: last } = before[before.length - 1] ?? {};
    // what came of another step, or of another procedure, is of no use any more
    if (last === undefined || last.refused !== undefined || last.proc !== proc)
      before.length = Math.max(at, 0);
    const taken = takeStep(proc, step, rules);
    before.push({ proc, step, rules, taken });
    return taken;
  };
}

function sameRules(a: Rules, b: Rules): boolean {
  return a.strict === b.strict && a.machine === b.machine;
}

/** Whether two steps, or what is in them, are written the same. */
function sameData(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => sameData((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
