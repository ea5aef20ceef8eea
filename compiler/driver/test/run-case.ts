import type { CaseResult } from "../../results/results.schema.ts";
import { renderDiagnostic, UserError } from "../../support/diagnostic.ts";
import type { Say } from "../progress.ts";
import type { CasePlace, Described } from "./case-place.ts";
import { runKernelCase } from "./kernel-case.ts";
import { runNetworkCase } from "./network-case.ts";
import type { TestCase } from "./test-cases.ts";

/**
 * Compiles what a case is about, runs it and compares. What goes wrong with the case is its result, not an error; only
 * an interruption is thrown.
 */
export async function runCase(test: TestCase, place: CasePlace, say: Say): Promise<CaseResult> {
  const began = performance.now();
  const { signal } = place;
  const described = describe(test, place);
  const seconds = (): number => Math.round(performance.now() - began) / 1000;
  try {
    const { subject } = test;
    const found = await (subject.kind === "kernel"
      ? runKernelCase(test, subject, place)
      : runNetworkCase(test, subject, place, say));
    const verdict = found.checks.every(({ ok }) => ok) ? "right" : "wrong";
    return { ...described, ...found, verdict, seconds: seconds() };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    return failedCase(described, error, seconds());
  }
}

/** The result of a case that could not be run: on a board that cannot be reached, for instance. */
export function failedCase(described: Described, error: UserError, seconds: number): CaseResult {
  const { code, exit } = error.diagnostic;
  const told = { code, exit, text: renderDiagnostic(error.diagnostic) };
  return { ...described, verdict: "error", error: told, seconds, checks: [], whole: {}, layers: [] };
}

export function describe(
  { name, subject, board, threads }: TestCase,
  place?: Pick<CasePlace, "runner" | "target">,
): Described {
  const model = subject.kind === "layer" ? "(layer)" : subject.shown;
  return {
    ...{ name, model, board, threads: Math.max(...threads) },
    target: place?.target.name ?? "",
    core: place?.target.core.name ?? "",
    isa: place?.target.isa.name ?? "",
    timing: place?.runner.timing ?? "measured",
  };
}
