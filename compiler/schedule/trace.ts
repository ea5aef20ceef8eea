import { z } from "zod";
import { type Diagnostic, UserError } from "../support/diagnostic.ts";
import type { Step } from "./primitives/index.ts";
import { stepProblem, stepSchema } from "./step-problem.ts";

/** The steps that made a schedule, in order: plain data, the same in a log, a file and a cache. */
export type Trace = readonly Step[];

/** No schedule is that long. */
const MOST_STEPS = 1000;

/** Reads a trace from data that came from outside: a log, a file, a cache. */
export function parseTrace(data: unknown): Trace {
  if (!Array.isArray(data)) throw notATrace("this is no trace", "a trace is a list of steps");
  if (data.length > MOST_STEPS)
    throw notATrace("this trace is too long", `it has ${data.length} steps, the limit is ${MOST_STEPS}`);
  for (const [i, step] of data.entries()) {
    const problem = stepProblem(step);
    if (problem !== undefined) throw notATrace(`step ${i + 1} of the trace is no step`, problem);
  }
  return stepsSchema.parse(data);
}

const stepsSchema = z.array(stepSchema);

function notATrace(title: string, why: string): UserError {
  const help = ["write a trace as `schedule.trace` gives it: JSON.stringify(schedule.trace)"];
  return new UserError({ code: "S501", exit: "usage", title, why, help });
}

/** A step that did not fit and was left out. */
export interface Skipped {
  readonly step: Step;
  readonly diagnostic: Diagnostic;
}

/** One line of a comparison of two traces. */
export interface TraceChange {
  readonly kind: "same" | "removed" | "added";
  readonly step: Step;
}

/** What turns one trace into the other: the longest list of steps both have in order, and what lies between. */
export function diffTraces(a: Trace, b: Trace): readonly TraceChange[] {
  const keysA = a.map((s) => JSON.stringify(s));
  const keysB = b.map((s) => JSON.stringify(s));
  // common[i][j]: how many steps a[i...] and b[j...] have in common
  const common = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i][j] =
        keysA[i] === keysB[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const changes: TraceChange[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && keysA[i] === keysB[j]) {
      changes.push({ kind: "same", step: a[i++] });
      j++;
    } else if (i < a.length && (j === b.length || common[i + 1][j] >= common[i][j + 1])) {
      changes.push({ kind: "removed", step: a[i++] });
    } else changes.push({ kind: "added", step: b[j++] });
  }
  return changes;
}

const SIGN = { same: " ", removed: "-", added: "+" } as const;

/** A comparison as text, one step a line, `-` and `+` in front of what changed. */
export function diffText(changes: readonly TraceChange[]): string {
  return changes.map(({ kind, step }) => `${SIGN[kind]} ${JSON.stringify(step)}\n`).join("");
}
