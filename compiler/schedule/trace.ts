import { z } from "zod";
import { type Diagnostic, UserError } from "../support/diagnostic.ts";
import { type Step, stepSchema } from "./primitives/index.ts";

/** The steps that made a schedule, in order: plain data, the same in a log, a file and a cache. */
export type Trace = readonly Step[];

export const traceSchema: z.ZodType<Trace> = z.array(stepSchema);

/** Reads a trace from data that came from outside. */
export function parseTrace(data: unknown): Trace {
  const read = traceSchema.safeParse(data);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const step = typeof issue.path[0] === "number" && Array.isArray(data) ? data[issue.path[0]] : undefined;
  throw new UserError({
    code: "S501",
    exit: "usage",
    title:
      step === undefined ? "this is no trace" : `step ${Number(issue.path[0]) + 1} of the trace is no step`,
    why: step === undefined ? "a trace is a list of steps" : `${JSON.stringify(step)} fits no primitive`,
    help: ["write a trace as `schedule.trace` gives it: JSON.stringify(schedule.trace)"],
  });
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
