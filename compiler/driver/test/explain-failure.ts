import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Check, Failure } from "../../results/results.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { fileName } from "../../support/text.ts";
import { findToolchain } from "../../toolchain/toolchain.ts";
import type { CompiledNetwork } from "../compile-network.ts";
import { compileStep } from "../decide/decided-plan.ts";
import { type Decisions, UNDECIDED } from "../decide/decisions.ts";
import type { Values } from "../run/run-network.ts";
import { taskData } from "../tune/task-data.ts";
import { locateFault, stageData, type WrongNetwork } from "./locate/locate-network.ts";
import type { StageData } from "./locate/stages.ts";
import { type ReproducerNotes, reproducerText } from "./reproducer.ts";

export interface ExplainOptions {
  /** Folder for reproducers; absent: none are written. */
  readonly folder?: string;
  readonly runner: Runner;
  readonly target: Target;
  readonly signal: AbortSignal;
}

/** The checks of a network with what is found out about the first that failed: what made its layer wrong, and a file that shows it. */
export async function explainNetwork(
  checks: readonly Check[],
  graph: WrongNetwork["graph"],
  { plan, target, kernels }: CompiledNetwork,
  decisions: Decisions = UNDECIDED,
  inputsOf: (name: string) => ReadonlyMap<string, Values> | undefined,
  { runner, signal, folder }: ExplainOptions,
): Promise<readonly Check[]> {
  const failed = checks.find(({ failure }) => failure?.layer !== undefined);
  const at = plan.steps.findIndex(({ name }) => name === failed?.failure?.layer);
  if (failed?.failure === undefined || at < 0) return checks;
  const step = plan.steps[at];
  const toolchain = await findToolchain(target);
  const given = inputsOf(failed.inputs) ?? new Map<string, Values>();
  const network: WrongNetwork = {
    ...{ graph, plan, target, threads: failed.threads },
    compile: (of, dump) => compileStep(of, target, decisions.steps.get(of.name), { dump }),
    inputs: new Map([...given].map(([name, { data }]) => [name, data])),
  };
  const culprit = await unlessImpossible(() =>
    locateFault(network, step.name, { runner, toolchain, signal }),
  );
  const notes = { network: graph.name, layer: step.name, ...(culprit !== undefined && { culprit }) };
  const data = stageData(taskData(step.task, 1), kernels[at]);
  const reproducer = await writeReproducer(kernels[at], data, target, notes, folder);
  const failure = { ...failed.failure, kernel: kernels[at].name, ...found(culprit, reproducer) };
  return checks.map((check) => (check === failed ? { ...check, failure } : check));
}

/** Of a failure. */
export function found(culprit: string | undefined, reproducer: string | undefined): Partial<Failure> {
  return { ...(culprit !== undefined && { culprit }), ...(reproducer !== undefined && { reproducer }) };
}

/** Writes a kernel with its data to a C file of the folder; undefined where there is no folder, or the data is too large. */
export async function writeReproducer(
  kernel: Kernel,
  data: StageData,
  target: Target,
  notes: ReproducerNotes,
  folder: string | undefined,
): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const toolchain = await findToolchain(target);
  const text = reproducerText(kernel, data, target, toolchain, notes);
  if (text === undefined) return undefined;
  const path = join(folder, `${fileName(`${notes.network}-${notes.layer}-${target.name}`)}.c`);
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
  return path;
}

/** What cannot be found out leaves the failure as it is: a board that is gone by now, for instance. */
export async function unlessImpossible<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
