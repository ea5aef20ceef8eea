import type { Runner } from "../../../device/runner.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { Plan, Step } from "../../../graph/plan.ts";
import type { Target } from "../../../machine/target.schema.ts";
import { defaultCacheDir } from "../../../support/cache-folder.ts";
import type { CompiledProc, OnStage } from "../../../task/compile-proc.ts";
import type { Toolchain } from "../../../toolchain/toolchain.ts";
import { compareNetwork } from "../../../verify/check-network.ts";
import { planLayers } from "../../../verify/layer-part.ts";
import { simulatePlan } from "../../../verify/simulate-plan.ts";
import { raceKernels } from "../../tune/race-kernels.ts";
import { type TaskData, taskData } from "../../tune/task-data.ts";
import { culpritText, locateKernel } from "./locate-kernel.ts";
import type { StageData } from "./stages.ts";

/** A network that was wrong somewhere, and how its steps are made. */
export interface WrongNetwork {
  /** As it was read. */
  readonly graph: Graph;
  readonly plan: Plan;
  readonly target: Target;
  readonly compile: (step: Step, onStage: OnStage) => CompiledProc;
  /** Row-major contents by name. */
  readonly inputs: ReadonlyMap<string, Float32Array>;
  readonly threads: number;
}
export interface WrongPlace {
  readonly runner: Runner;
  readonly toolchain: Toolchain;
  readonly signal: AbortSignal;
}

const SEED = 1;

/**
 * What made a layer wrong, in words. Its kernel is tried alone, step by step; then those that only prepared its memory; then
 * the plan, carried out in Node.
 */
export async function locateFault(network: WrongNetwork, layer: string, place: WrongPlace): Promise<string> {
  const { plan } = network;
  const at = plan.steps.findIndex(({ name }) => name === layer);
  for (const step of suspects(plan, at)) {
    const found = culpritText(await locateKernel(suspectOf(step, network, place)));
    if (found !== undefined)
      return step.name === layer ? found : `${found} (of ${step.name}, which prepares its memory)`;
  }
  return isPlanWrong(network)
    ? "the plan: carried out in Node it is wrong, too (layouts, borders, places in the arena)"
    : "the program: each kernel alone and the plan are right (how kernels are called, packed weights, the board itself)";
}

/** A layer's step, and those between it and the tensor before it that leave no tensor of their own. */
function suspects({ steps }: Plan, at: number): readonly Step[] {
  if (at < 0) return [];
  const helpers: Step[] = [];
  for (let i = at - 1; i >= 0 && steps[i].produces === undefined; i--) helpers.push(steps[i]);
  return [steps[at], ...helpers];
}

function suspectOf(
  step: Step,
  { compile, target, threads }: WrongNetwork,
  { runner, toolchain, signal }: WrongPlace,
) {
  const data = taskData(step.task, SEED);
  const race = { target, runner, toolchain, cacheDir: defaultCacheDir(), jobs: 2, signal };
  return {
    compile: (onStage: OnStage) => compile(step, onStage),
    data: stageData(data),
    threads,
    isWrongOnBoard: async (kernel: CompiledProc["kernel"], threads: number) => {
      const [found] = await raceKernels([kernel], data, { ...race, threads }, { warmup: 0, repeats: 0 });
      return found.outcome !== "ok";
    },
  };
}

/** Data of a task for any stage of its kernel. */
export function stageData({ tensors, output, expected, bounds }: TaskData): StageData {
  return { tensors, wanted: new Map([[output, expected]]), bounds: new Map([[output, bounds]]) };
}

function isPlanWrong({ graph, plan, inputs }: WrongNetwork): boolean {
  const given = plan.inputs.map(({ name }) => inputs.get(name) ?? new Float32Array());
  const { tensors, outputs } = simulatePlan(plan, given);
  const named = new Map(plan.outputs.map(({ name }, i) => [name, outputs[i]]));
  const known = new Map([...tensors].filter(([name]) => graph.tensors.has(name)));
  const compared = compareNetwork(graph, inputs, { tensors: known, outputs: named }, planLayers(plan));
  return [...compared.tensors.values(), ...compared.outputs.values()].some(({ badCount }) => badCount > 0);
}
