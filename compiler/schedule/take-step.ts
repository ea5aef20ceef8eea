import type { LoopProc } from "../ir/proc.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import { checkMarks } from "./concurrent.ts";
import { checkSize } from "./limits.ts";
import { type Primitive, RELAXED, type Rules, refuse } from "./primitive.ts";
import { primitives, type Step } from "./primitives/index.ts";
import { stepProblem } from "./step-problem.ts";

/** What became of a step: the procedure it left, or why it may not be taken. */
export type Taken =
  | { readonly proc: LoopProc; readonly refused?: undefined }
  | { readonly refused: Diagnostic };

/** How a schedule takes its steps. */
export type TakeStep = (proc: LoopProc, step: Step, rules?: Rules) => Taken;

/** Steps that change no access and no order, so that every mark stays right. */
const HARMLESS: ReadonlySet<Step["op"]> = new Set([
  "annotate",
  "parallel",
  "unroll",
  "vectorize",
  "tensorize",
  "pack",
]);

/** Steps that only mark loops: nothing grows. */
const AS_LARGE: ReadonlySet<Step["op"]> = new Set(["annotate", "parallel", "unroll", "vectorize"]);

/** Takes one step, after its check. */
export function takeStep(proc: LoopProc, step: Step, rules: Rules = RELAXED): Taken {
  const problem = stepProblem(step);
  if (problem !== undefined) return { refused: notAStep(step.op, problem) };
  const primitive = primitives[step.op] as Primitive<Step>;
  const refused = primitive.check(proc, step, rules);
  if (refused !== undefined) return { refused };
  const next = primitive.apply(proc, step, rules);
  const broken =
    (AS_LARGE.has(step.op) ? undefined : checkSize(proc, next, step.op)) ??
    (HARMLESS.has(step.op) ? undefined : checkMarks(proc, next, step.op, rules));
  return broken === undefined ? { proc: next } : { refused: broken };
}

function notAStep(op: string, problem: string): Diagnostic {
  return refuse("S126", `this is no \`${op}\``, problem);
}
