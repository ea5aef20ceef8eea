import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../../results/results.schema.ts";
import { buildBinary, compileToBundle } from "../build-network.ts";
import { UNDECIDED } from "../decide/decisions.ts";
import type { Say } from "../progress.ts";
import type { VerifyReport } from "../run/verify-network.ts";
import type { CasePlace, Found } from "./case-place.ts";
import { checkNetwork, type NetworkUnderTest } from "./check-network.ts";
import { checkOutside } from "./check-outside.ts";
import { explainNetwork } from "./explain-failure.ts";
import { measureCase } from "./measure-case.ts";
import type { NetworkSubject, TestCase } from "./test-cases.ts";
import { type TestInputs, testInputs } from "./test-inputs.ts";
import { networkOf, requestOf } from "./test-request.ts";

/** A model or a layer: compiled, compared under each of its inputs, explained where it is wrong, and measured. */
export async function runNetworkCase(
  test: TestCase,
  subject: NetworkSubject,
  place: CasePlace,
  say: Say,
): Promise<Found> {
  const { runner, target, timeoutSeconds, signal, note, reproducers: folder, shrink = false } = place;
  const network = await networkOf(subject, test.seed);
  const request = await requestOf(test, network.graph, target, signal, note);
  const bundle = await mkdtemp(join(tmpdir(), "tilewright-test-"));
  try {
    say("compiling");
    const compiled = await compileToBundle(network, target, bundle, request, () => {});
    const built = await buildBinary(compiled, target, bundle, request, () => {});
    const { graph } = network;
    const under: NetworkUnderTest = { graph, network: built, runner };
    const { checks, reports, inputs } = await checked(test, subject, under, place, say);
    // a tolerance below 1 asks for more than a kernel promises: what misses it need not be wrong
    const wrong = test.tolerance >= 1 && checks.some(({ ok }) => !ok);
    const run = { timeoutSeconds, signal };
    const { threads, seed, measure } = test;
    if (wrong) say("looking for what is wrong");
    const explain = {
      ...run,
      runner,
      target,
      threads,
      seed,
      shrink,
      ...(folder !== undefined && { folder }),
    };
    const decisions = request.decisions ?? UNDECIDED;
    const explained = wrong
      ? await explainNetwork({ checks, graph, compiled, decisions, inputs }, explain)
      : checks;
    if (measure.length > 0) say("measuring");
    const figures = await measureCase(built, runner, reports, {
      ...run,
      measure,
      threads: Math.max(...threads),
    });
    const compiler = built.toolchain?.version;
    return {
      isa: built.metadata.isa,
      modelSha256: network.sha256,
      ...(compiler !== undefined && { compiler }),
      checks: [...explained],
      ...figures,
    };
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}

interface Checked {
  readonly checks: readonly Check[];
  readonly reports: readonly VerifyReport[];
  /** By what the checks call them. */
  readonly inputs: ReadonlyMap<string, TestInputs["values"]>;
}

/** Every comparison that a case asks for. */
async function checked(
  { inputs: wishes, threads, tolerance, references, seed }: TestCase,
  subject: NetworkSubject,
  under: NetworkUnderTest,
  { timeoutSeconds, signal }: CasePlace,
  say: Say,
): Promise<Checked> {
  const checks: Check[] = [];
  const reports: VerifyReport[] = [];
  const given = new Map<string, TestInputs["values"]>();
  const options = { threads, tolerance, timeoutSeconds, signal };
  for (const wish of wishes) {
    const inputs = await testInputs(under.graph, wish, seed);
    given.set(inputs.name, inputs.values);
    say(`inputs ${inputs.name}`);
    for (const reference of references) {
      if (reference === "kernels") {
        const found = await checkNetwork(under, inputs, options);
        checks.push(...found.checks);
        reports.push(found.report);
      } else checks.push(await checkOutside(subject, under, inputs, reference, options));
    }
  }
  return { checks, reports, inputs: given };
}
