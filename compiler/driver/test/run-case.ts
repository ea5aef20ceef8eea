import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseResult, Check } from "../../results/results.schema.ts";
import { renderDiagnostic, UserError } from "../../support/diagnostic.ts";
import { buildBinary, compileToBundle } from "../build-network.ts";
import { UNDECIDED } from "../decide/decisions.ts";
import type { Say } from "../progress.ts";
import type { VerifyReport } from "../run/verify-network.ts";
import type { CasePlace, Described, Found } from "./case-place.ts";
import { checkNetwork } from "./check-network.ts";
import { checkOutside } from "./check-outside.ts";
import { type ExplainOptions, explainNetwork } from "./explain-failure.ts";
import { runKernelCase } from "./kernel-case.ts";
import { measureCase } from "./measure-case.ts";
import type { TestCase } from "./test-cases.ts";
import { type TestInputs, testInputs } from "./test-inputs.ts";
import { networkOf, requestOf } from "./test-request.ts";

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
    const { kind } = test.subject;
    const found = await (kind === "kernel" ? runKernelCase(test, place) : runNetworkCase(test, place, say));
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

async function runNetworkCase(test: TestCase, place: CasePlace, say: Say): Promise<Found> {
  if (test.subject.kind === "kernel") return runKernelCase(test, place);
  const { runner, target, timeoutSeconds, signal, note } = place;
  const network = await networkOf(test.subject, test.seed);
  const request = await requestOf(test, network.graph, target, signal, note);
  const folder = await mkdtemp(join(tmpdir(), "tilewright-test-"));
  try {
    say("compiling");
    const compiled = await compileToBundle(network, target, folder, request, () => {});
    const built = await buildBinary(compiled, target, folder, request, () => {});
    const checks: Check[] = [];
    const given = new Map<string, TestInputs["values"]>();
    const reports: VerifyReport[] = [];
    for (const wish of test.inputs) {
      const inputs = await testInputs(network.graph, wish, test.seed);
      given.set(inputs.name, inputs.values);
      say(`inputs ${inputs.name}`);
      const under = { graph: network.graph, network: built, runner };
      const options = { threads: test.threads, tolerance: test.tolerance, timeoutSeconds, signal };
      if (test.references.includes("kernels")) {
        const found = await checkNetwork(under, inputs, options);
        checks.push(...found.checks);
        reports.push(found.report);
      }
      for (const reference of test.references) {
        if (reference !== "kernels")
          checks.push(await checkOutside(test.subject, under, inputs, reference, options));
      }
    }
    // a tolerance below 1 asks for more than a kernel promises: what misses it need not be wrong
    const wrong = test.tolerance >= 1 && checks.some(({ ok }) => !ok);
    if (wrong) say("looking for what is wrong");
    const { graph } = network;
    const result = { checks, graph, compiled, decisions: request.decisions ?? UNDECIDED, inputs: given };
    const explained = wrong ? await explainNetwork(result, explainOptions(test, place)) : checks;
    say("measuring");
    const { measure, threads } = test;
    const options = { measure, threads: Math.max(...threads), timeoutSeconds, signal };
    const figures = await measureCase(built, runner, reports, options);
    const compiler = built.toolchain?.version;
    return {
      isa: built.metadata.isa,
      modelSha256: network.sha256,
      ...(compiler !== undefined && { compiler }),
      checks: [...explained],
      ...figures,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function explainOptions({ threads, seed }: TestCase, place: CasePlace): ExplainOptions {
  const { runner, target, timeoutSeconds, signal, reproducers: folder, shrink = false } = place;
  return {
    runner,
    target,
    threads,
    seed,
    timeoutSeconds,
    signal,
    shrink,
    ...(folder !== undefined && { folder }),
  };
}
