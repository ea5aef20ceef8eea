import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { CaseResult, Results } from "../../results/results.schema.ts";
import type { Say } from "../progress.ts";
import { checkModelled } from "../run/modelled-board.ts";
import { measureCase } from "../test/measure-case.ts";
import { bundleProgram } from "../turns/bundle-program.ts";
import { checkBundles } from "../turns/check-turns.ts";

export interface ModelBundlesOptions {
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly say: Say;
}

type Program = Awaited<ReturnType<typeof bundleProgram>>;

/**
 * Instructions, modelled cycles and sizes of two folders of `compile -o`, each as results of one case. They are exact, so that
 * one run of each is enough; whether results are right is not looked at. Throws B108, C405, R169 and what modelling throws.
 */
export async function modelBundles(
  folders: readonly [base: string, now: string],
  runner: Runner,
  target: Target,
  options: ModelBundlesOptions,
): Promise<readonly [base: Results, now: Results]> {
  checkModelled(runner.board, target);
  const [base, now] = await Promise.all(folders.map(bundleProgram));
  checkBundles([folders[0], base], [folders[1], now], runner.board, target);
  const found: Results[] = [];
  for (const [i, program] of [base, now].entries()) {
    options.say(`modelling ${folders[i]}`);
    found.push(resultsOf(folders[i], program, await caseOf(program, runner, target, options)));
  }
  return [found[0], found[1]];
}

async function caseOf(
  bundle: Program,
  runner: Runner,
  target: Target,
  { timeoutSeconds, signal }: ModelBundlesOptions,
): Promise<CaseResult> {
  const { metadata } = bundle;
  const { name, modelSha256, isa } = metadata;
  const options = { measure: ["cycles"], threads: 1, timeoutSeconds, signal } as const;
  return {
    ...{ name, model: name, modelSha256, isa, board: runner.board },
    ...{ target: target.name, core: target.core.name, timing: runner.timing, threads: 1 },
    ...{ verdict: "unchecked", seconds: 0, checks: [] },
    ...(await measureCase({ ...bundle, target }, runner, [], options)),
  };
}

function resultsOf(folder: string, { metadata: { tilewright, build } }: Program, found: CaseResult): Results {
  return {
    ...{ format: "tilewright-results", version: 1, suite: found.name, label: folder },
    tilewright: { version: tilewright, ...(build !== undefined && { build }) },
    cases: [found],
  };
}
