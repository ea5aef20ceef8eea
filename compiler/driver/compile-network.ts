import { setImmediate } from "node:timers/promises";
import type { Kernel } from "../artifact/kernel.ts";
import type { Graph } from "../graph/graph.ts";
import type { Plan, Step } from "../graph/plan.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import { fileName } from "../support/text.ts";
import type { Task } from "../task/task.ts";
import { type BundleFiles, type BundleMeta, emitBundle } from "./bundle/emit-bundle.ts";
import { stepMacs } from "./bundle/emit-bundle-views.ts";
import { type GoldenWish, goldenResults } from "./bundle/golden.ts";
import { compileStep, type DecidedPlan, decidedPlan, stepKey } from "./decide/decided-plan.ts";
import { type Decisions, type StepDecision, UNDECIDED } from "./decide/decisions.ts";
import type { Found } from "./decide/found-knobs.ts";
import { keptKernel } from "./decide/kept-kernels.ts";
import type { AlgorithmsFound } from "./decide/search-algorithms.ts";
import { type DumpFile, kernelDump } from "./dump-ir.ts";

export interface CompileOptions {
  readonly meta: BundleMeta;
  /** Called before each kernel that is made anew. */
  readonly onKernel?: (done: number, total: number, step: string) => void;
  readonly numerics?: Numerics;
  /** The most bytes of weights; absent: as the board's memory allows. */
  readonly maxWeights?: number | undefined;
  /** What is decided already; the rest is searched, or estimated. */
  readonly decisions?: Decisions;
  readonly golden?: GoldenWish;
  readonly dump?: DumpFile;
  readonly signal?: AbortSignal;
  /** Finds out what a task's knobs are best set to; absent: schedules prefer what they estimate. */
  readonly search?: (
    task: Task,
    target: Target,
    onTrial: (done: number, total: number) => void,
  ) => Promise<Found | undefined>;
  /** Finds out what convolutions that are not decided are best computed by; absent: the estimate chooses. */
  readonly searchAlgorithms?: (source: Graph, target: Target) => Promise<readonly AlgorithmsFound[]>;
}
/** What was found for one kernel. */
export interface FoundKernel extends Found {
  readonly kernel: string;
  /** The first of its layers. */
  readonly layer: string;
}
/** A network as C, and everything that led there. */
export interface CompiledNetwork extends DecidedPlan {
  /** One per step of the plan; steps of one task share one. */
  readonly kernels: readonly Kernel[];
  readonly files: BundleFiles;
  /** One for each kernel with knobs, where they were searched. */
  readonly found: readonly FoundKernel[];
  /** One for each convolution with several algorithms, where they were searched. */
  readonly algorithms: readonly AlgorithmsFound[];
}

/** From a network's graph to the files of its bundle. Gives way to other work between kernels. */
export async function compileNetwork(
  source: Graph,
  wanted: Target,
  options: CompileOptions,
): Promise<CompiledNetwork> {
  const algorithms = (await options.searchAlgorithms?.(source, wanted)) ?? [];
  const searched = new Map(algorithms.map(({ layer, chosen }) => [layer, chosen]));
  const { graph, plan, target } = decidedPlan(source, wanted, {
    ...options,
    ...(searched.size > 0 && { algorithm: (layer: string) => searched.get(layer) }),
  });
  const { kernels, found } = await compileTasks(plan, target, options);
  await giveWay(options);
  const macs = plan.steps.reduce((sum, step, i) => sum + stepMacs(step, kernels[i]), 0);
  const golden = goldenResults(source, plan, macs, options.golden ?? "never");
  const meta = golden === undefined ? options.meta : { ...options.meta, golden };
  return { graph, plan, target, kernels, files: emitBundle(plan, kernels, target, meta), found, algorithms };
}

async function compileTasks(
  plan: Plan,
  target: Target,
  options: CompileOptions,
): Promise<Pick<CompiledNetwork, "kernels" | "found">> {
  const found: FoundKernel[] = [];
  const { decisions = UNDECIDED } = options;
  const keys = plan.steps.map((step) => stepKey(step, decisions));
  const total = new Set(keys).size;
  const made = new Map<string, Kernel>();
  const kernels: Kernel[] = [];
  for (const [i, step] of plan.steps.entries()) {
    let kernel = made.get(keys[i]);
    if (kernel === undefined) {
      const tell = (what: string): void => options.onKernel?.(made.size, total, what);
      tell(step.name);
      await giveWay(options);
      const decided = decisions.steps.get(step.name);
      const best =
        decided === undefined
          ? await options.search?.(step.task, target, (done, of) =>
              tell(`${step.name}, trial ${done} of ${of}`),
            )
          : undefined;
      const label = `${String(made.size + 1).padStart(3, "0")}-${step.name}`;
      kernel = await compileOne(step, label, target, options, best ? modelled(best) : decided);
      if (best !== undefined) found.push({ kernel: kernel.name, layer: step.name, ...best });
      made.set(keys[i], kernel);
    }
    kernels.push(kernel);
  }
  return { kernels, found };
}

async function giveWay({ signal }: CompileOptions): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

function modelled({ chosen }: Found): StepDecision {
  return { knobs: chosen.choices, from: "modelled" };
}

async function compileOne(
  step: Step,
  label: string,
  target: Target,
  options: CompileOptions,
  decision: StepDecision | undefined,
): Promise<Kernel> {
  if (options.dump === undefined) return keptKernel(step, target, decision);
  const { dump, finish } = kernelDump(fileName(label), target, options.dump);
  const { kernel } = compileStep(step, target, decision, { dump });
  finish();
  return kernel;
}
