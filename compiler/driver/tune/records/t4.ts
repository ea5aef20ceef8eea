import { medianOf } from "../../../results/median.ts";
import type { Trial, TuneLine } from "../tune-record.ts";

/**
 * Results in the Open Autotuning Schema, T4 1.0.0, as Kernel Tuner and its tools read them: https://github.com/odgaard/TuningSchema.
 * One result a candidate, as it was first seen; times are in milliseconds, as theirs are, cycles are cycles.
 */
export interface T4Results {
  readonly schema_version: "1.0.0";
  readonly results: readonly T4Result[];
}
interface T4Result {
  /** What was chosen: the task, the schedule and its knobs. */
  readonly configuration: Readonly<Record<string, string | number | boolean>>;
  readonly objectives: readonly ["time" | "cycles"];
  readonly times: { readonly runtimes: readonly number[] };
  readonly invalidity: Invalidity;
  /** 1 where its numbers were right. */
  readonly correctness: 0 | 1;
  readonly measurements: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
}
type Invalidity = "timeout" | "compile" | "runtime" | "correctness" | "constraints" | "correct";

const INVALIDITY: Readonly<Record<Trial["outcome"], Invalidity>> = {
  ok: "correct",
  wrong: "correctness",
  overrun: "correctness",
  crashed: "runtime",
  memory: "runtime",
  lost: "runtime",
  throttled: "runtime",
  timeout: "timeout",
  build: "compile",
};

/** Trials as results of T4. @param workload of this one alone */
export function t4Of(lines: readonly TuneLine[], workload?: string): T4Results {
  const trials = lines.filter(
    (line): line is Trial =>
      line.kind === "trial" &&
      line.stage === "screen" &&
      (workload === undefined || line.workload === workload),
  );
  return { schema_version: "1.0.0", results: trials.map(resultOf) };
}

function resultOf({ op, workload, schedule, knobs, outcome, cycles, ns = [] }: Trial): T4Result {
  const runtimes = ns.map((time) => time / 1e6);
  return {
    configuration: { op, workload, schedule, ...knobs },
    objectives: [cycles === undefined ? "time" : "cycles"],
    times: { runtimes },
    invalidity: INVALIDITY[outcome],
    correctness: INVALIDITY[outcome] === "correct" ? 1 : 0,
    measurements: [
      ...(runtimes.length > 0 ? [{ name: "time", value: medianOf(runtimes), unit: "ms" }] : []),
      ...(cycles === undefined ? [] : [{ name: "cycles", value: cycles, unit: "cycles" }]),
    ],
  };
}
