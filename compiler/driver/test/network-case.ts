import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../../results/results.schema.ts";
import { buildBinary, compileToBundle } from "../build-network.ts";
import { UNDECIDED } from "../decide/decisions.ts";
import type { Say } from "../progress.ts";
import { runNetwork } from "../run/run-network.ts";
import type { VerifyReport } from "../run/verify-network.ts";
import type { CasePlace, Found } from "./case-place.ts";
import { checkNetwork, type NetworkUnderTest } from "./check-network.ts";
import { checkOutside } from "./check-outside.ts";
import { explainNetwork } from "./explain-failure.ts";
import { goldenIdentity } from "./golden/identity.ts";
import type { GoldenKeeper } from "./golden/keep-golden.ts";
import { measureCase } from "./measure-case.ts";
import { type OutsideReference, openReference, type Referred } from "./reference/open-reference.ts";
import type { ReferenceWish } from "./suite.schema.ts";
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
    const run = { timeoutSeconds, signal };
    const { threads, seed, measure, numerics } = test;
    const of = {
      test,
      subject,
      network,
      built,
      runner,
      folder: bundle,
      run: { ...run, threads: threads[0] },
    };
    const { checks, reports, inputs } = await checked(of, say);
    if (place.golden !== undefined && checks.every(({ ok }) => ok))
      await keepOutputs(place.golden, of, inputs);
    // a tolerance below 1 asks for more than a kernel promises: what misses it need not be wrong
    const wrong = test.tolerance >= 1 && checks.some(({ ok }) => !ok);
    if (wrong) say("looking for what is wrong");
    const explain = {
      ...{ ...run, runner, target, threads, seed, numerics, shrink },
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
      ...{ isa: built.metadata.isa, modelSha256: network.sha256 },
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
async function checked(of: Referred, say: Say): Promise<Checked> {
  const under: NetworkUnderTest = { graph: of.network.graph, network: of.built, runner: of.runner };
  const { inputs: wishes, threads, tolerance, references, seed } = of.test;
  const { timeoutSeconds, signal } = of.run;
  const checks: Check[] = [];
  const reports: VerifyReport[] = [];
  const given = new Map<string, TestInputs["values"]>();
  const options = { threads, tolerance, timeoutSeconds, signal };
  const outside = new Map<ReferenceWish, OutsideReference>();
  for (const wish of references) {
    if (wish === "kernels") continue;
    say("opening a reference");
    outside.set(wish, await openReference(wish, of));
  }
  for (const wish of wishes) {
    const inputs = await testInputs(under.graph, wish, seed);
    given.set(inputs.name, inputs.values);
    say(`inputs ${inputs.name}`);
    for (const reference of references) {
      const other = outside.get(reference);
      if (other === undefined) {
        const found = await checkNetwork(under, inputs, options);
        checks.push(...found.checks);
        reports.push(found.report);
      } else checks.push(await checkOutside(under, inputs, other, options));
    }
  }
  return { checks, reports, inputs: given };
}

/** What the network made of each of its inputs, as outputs that later runs are compared with. */
async function keepOutputs(
  golden: GoldenKeeper,
  { test, subject, network, built, runner, run }: Referred,
  inputs: ReadonlyMap<string, TestInputs["values"]>,
): Promise<void> {
  for (const [name, values] of inputs) {
    const { outputs } = await runNetwork(built, runner, values, run);
    const identity = goldenIdentity(test, subject, network, { name, values });
    await golden.add(identity, { board: runner.board, target: built.target.name }, outputs);
  }
}
