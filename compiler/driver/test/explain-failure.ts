import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Check, Failure } from "../../results/results.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";
import { fileName } from "../../support/text.ts";
import { findToolchain } from "../../toolchain/toolchain.ts";
import type { CompiledNetwork } from "../compile-network.ts";
import { compileStep } from "../decide/decided-plan.ts";
import type { Decisions } from "../decide/decisions.ts";
import type { Values } from "../run/run-network.ts";
import { taskData } from "../tune/task-data.ts";
import { type FailsOptions, layerFails } from "./layer-fails.ts";
import { locateFault, stageData, type WrongNetwork } from "./locate/locate-network.ts";
import type { StageData } from "./locate/stages.ts";
import { type ReproducerNotes, reproducerText } from "./reproducer.ts";
import { layerOfNode, shrinkLayer } from "./shrink.ts";

export interface ExplainOptions extends FailsOptions {
  /** Folder for reproducers; absent: none are written. */
  readonly folder?: string;
  /** Whether the smallest layer that fails is looked for. */
  readonly shrink: boolean;
}

/** What was wrong, and how it was made. */
export interface WrongResult {
  readonly checks: readonly Check[];
  readonly graph: WrongNetwork["graph"];
  readonly compiled: CompiledNetwork;
  readonly decisions: Decisions;
  /** By what a check calls them. */
  readonly inputs: ReadonlyMap<string, ReadonlyMap<string, Values>>;
}

/** The checks of a network with what is found out about the first that failed: what made its layer wrong, and a file that shows it. */
export async function explainNetwork(
  { checks, graph, compiled, decisions, inputs }: WrongResult,
  options: ExplainOptions,
): Promise<readonly Check[]> {
  const { plan, target, kernels } = compiled;
  const failed = checks.find(({ failure }) => failure?.layer !== undefined);
  const at = plan.steps.findIndex(({ name }) => name === failed?.failure?.layer);
  if (failed?.failure === undefined || at < 0) return checks;
  const step = plan.steps[at];
  const { runner, signal, folder } = options;
  const toolchain = await findToolchain(target);
  const given = inputs.get(failed.inputs) ?? new Map<string, Values>();
  const network: WrongNetwork = {
    ...{ graph, plan, target, threads: failed.threads },
    compile: (of, dump) => compileStep(of, target, decisions.steps.get(of.name), { dump }),
    inputs: new Map([...given].map(([name, { data }]) => [name, data])),
  };
  const culprit = await unlessImpossible(() =>
    locateFault(network, step.name, { runner, toolchain, signal }),
  );
  const notes = { network: graph.name, layer: step.name, ...(culprit !== undefined && { culprit }) };
  const data = stageData(taskData(step.task, options.seed));
  const failure: Failure = {
    ...failed.failure,
    kernel: kernels[at].name,
    ...found(culprit, await writeReproducer(kernels[at], data, target, notes, folder)),
    ...(await shrunk(graph, failed.failure.tensor, options)),
  };
  return checks.map((check) => (check === failed ? { ...check, failure } : check));
}

/** The smallest convolution that fails as a network's does, where it does so alone. */
async function shrunk(graph: Graph, tensor: string, options: ExplainOptions): Promise<Partial<Failure>> {
  if (!options.shrink) return {};
  const node = graph.nodes.find(({ output }) => output === tensor);
  const sizes = node && layerOfNode(graph, node);
  if (sizes === undefined || !(await layerFails(sizes, options))) return {};
  const smallest = await shrinkLayer(sizes, (layer) => layerFails(layer, options));
  return { smallest: JSON.stringify(smallest) };
}

/** Of a failure. */
export function found(culprit: string | undefined, reproducer: string | undefined): Partial<Failure> {
  return { ...(culprit !== undefined && { culprit }), ...(reproducer !== undefined && { reproducer }) };
}

/**
 * Writes a kernel with its data to a C file of the folder, and gives its path, or why there is none; undefined where there is no
 * folder, or the data is too large.
 */
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
  const { network, layer } = notes;
  // names of models may become the same file name
  const key = contentKey({ network, layer, kernel: kernel.name, target: target.name }).slice(0, 8);
  const path = join(folder, `${fileName(`${network}-${layer}`).slice(0, 80)}-${target.name}-${key}.c`);
  try {
    // not recursive: below /proc that would never end
    for (const each of [dirname(folder), folder]) await mkdir(each).catch(unlessThere);
    await writeFile(`${path}.tmp`, text);
    await rename(`${path}.tmp`, path);
    return path;
  } catch (error) {
    // the verdict stands without it
    return `none: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "EEXIST" && error.code !== "EISDIR" && error.code !== "EROFS") throw error;
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
