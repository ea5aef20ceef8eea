import { availableParallelism } from "node:os";
import type { Runner } from "../../device/runner.ts";
import type { CaseResult } from "../../results/results.schema.ts";
import { type BenchReport, benchNetwork } from "../run/bench-network.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import { type Effort, USUAL_EFFORT, usualRepetition } from "../run/repetition.ts";

export interface TimeOptions {
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** A suite has many cases: one that does not become sure is given up sooner. */
const CASE_EFFORT: Effort = { ...USUAL_EFFORT, budgetSeconds: 10 };

/** Of all times so many are kept, from each block alike. */
const KEPT = 120;

/** Some of many times, in their order. */
export function someTimes(ns: readonly number[]): number[] {
  if (ns.length <= KEPT) return [...ns];
  return Array.from({ length: KEPT }, (_, i) => ns[Math.floor((i * ns.length) / KEPT)]);
}

/**
 * Times of a case as `bench` measures them: blocks until the median is sure, throttled ones again, a verdict. Of an emulator a few
 * runs are enough. Never more threads than the board has cores.
 */
export async function timeCase(
  network: NetworkProgram,
  runner: Runner,
  { threads, ...options }: TimeOptions,
): Promise<{ readonly report: BenchReport; readonly steadiness?: CaseResult["steadiness"] }> {
  const usual = usualRepetition(runner.timing);
  const cores = (await runner.readState?.())?.cores ?? availableParallelism();
  const report = await benchNetwork(network, runner, {
    ...options,
    ...usual,
    ...(runner.timing !== "emulated" && { repeats: CASE_EFFORT }),
    threads: Math.min(threads, cores),
  });
  const { certainty } = report;
  if (certainty === undefined) return { report };
  const { verdict, reasons, interval } = certainty;
  const bounds = interval && { low: interval.low, high: interval.high };
  return { report, steadiness: { verdict, reasons: [...reasons], median: report.whole.median, ...bounds } };
}
