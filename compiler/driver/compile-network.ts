import { setImmediate } from "node:timers/promises";
import type { Kernel } from "../artifact/kernel.ts";
import type { Graph } from "../graph/graph.ts";
import { optimizeGraph } from "../graph/optimize-graph.ts";
import type { Plan, Step } from "../graph/plan.ts";
import { planForTarget } from "../graph/plan-for-target.ts";
import type { Numerics } from "../ops/numerics.ts";
import { refuseUnknownKnobs } from "../schedule/choose.ts";
import { contentKey } from "../support/stable.ts";
import { fileName } from "../support/text.ts";
import type { Target } from "../target/target.schema.ts";
import { compileTask, compileTaskStages, type TaskOptions } from "../task/compile-task.ts";
import type { Task } from "../task/task.ts";
import {
  checkDecisions,
  checkIsa,
  type Decisions,
  impose,
  type StepDecision,
  UNDECIDED,
} from "./decisions.ts";
import { type DumpFile, kernelDump } from "./dump-ir.ts";
import { type BundleFiles, type BundleMeta, emitBundle } from "./emit-bundle.ts";
import { stepMacs } from "./emit-bundle-views.ts";
import type { Found } from "./found-knobs.ts";
import { type GoldenWish, goldenResults } from "./golden.ts";

export interface CompileOptions {
  readonly meta: BundleMeta;
  /** Called before each kernel that is made anew. */
  readonly onKernel?: (done: number, total: number, step: string) => void;
  readonly numerics?: Numerics;
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
}
/** What was found for one kernel. */
export interface FoundKernel extends Found {
  readonly kernel: string;
  /** The first of its layers. */
  readonly layer: string;
}
/** A network as C, and everything that led there. */
export interface CompiledNetwork {
  readonly graph: Graph;
  readonly plan: Plan;
  /** The target, with the instruction set that was chosen where it has several. */
  readonly target: Target;
  /** One per step of the plan; steps of one task share one. */
  readonly kernels: readonly Kernel[];
  readonly files: BundleFiles;
  /** One for each kernel with knobs, where they were searched. */
  readonly found: readonly FoundKernel[];
}

/** From a network's graph to the files of its bundle. Gives way to other work between kernels. */
export async function compileNetwork(
  source: Graph,
  wanted: Target,
  options: CompileOptions,
): Promise<CompiledNetwork> {
  const graph = optimizeGraph(source);
  const { numerics, decisions = UNDECIDED } = options;
  const { algorithms, isa } = decisions;
  checkIsa(decisions, wanted);
  const { plan, target } = planForTarget(graph, wanted, { numerics, algorithms, isa });
  checkDecisions(decisions, plan);
  const { kernels, found } = await compileTasks(plan, target, options);
  const macs = plan.steps.reduce((sum, step, i) => sum + stepMacs(step, kernels[i]), 0);
  const golden = goldenResults(source, plan, macs, options.golden ?? "never");
  const meta = golden === undefined ? options.meta : { ...options.meta, golden };
  return { graph, plan, target, kernels, files: emitBundle(plan, kernels, target, meta), found };
}

async function compileTasks(
  plan: Plan,
  target: Target,
  options: CompileOptions,
): Promise<Pick<CompiledNetwork, "kernels" | "found">> {
  const found: FoundKernel[] = [];
  const decisions = options.decisions?.steps;
  const keys = plan.steps.map(({ name, task }) => contentKey({ task, decision: decisions?.get(name) }));
  const total = new Set(keys).size;
  const made = new Map<string, Kernel>();
  const kernels: Kernel[] = [];
  for (const [i, step] of plan.steps.entries()) {
    let kernel = made.get(keys[i]);
    if (kernel === undefined) {
      const tell = (what: string): void => options.onKernel?.(made.size, total, what);
      tell(step.name);
      await setImmediate();
      options.signal?.throwIfAborted();
      const decision = decisions?.get(step.name);
      const best =
        decision === undefined
          ? await options.search?.(step.task, target, (done, of) =>
              tell(`${step.name}, trial ${done} of ${of}`),
            )
          : undefined;
      const label = `${String(made.size + 1).padStart(3, "0")}-${step.name}`;
      kernel = compileOne(step, label, target, options, best ?? decision);
      if (best !== undefined) found.push({ kernel: kernel.name, layer: step.name, ...best });
      made.set(keys[i], kernel);
    }
    kernels.push(kernel);
  }
  return { kernels, found };
}

function compileOne(
  { name, task }: Step,
  label: string,
  target: Target,
  options: CompileOptions,
  decision: Found | StepDecision | undefined,
): Kernel {
  if (options.dump === undefined) return decided(name, task, target, decision, {});
  const { dump, finish } = kernelDump(fileName(label), target, options.dump);
  const kernel = decided(name, task, target, decision, { dump });
  finish();
  return kernel;
}

function decided(
  step: string,
  task: Task,
  target: Target,
  decision: Found | StepDecision | undefined,
  options: TaskOptions,
): Kernel {
  if (decision === undefined) return compileTask(task, target, options);
  if ("chosen" in decision) {
    const { choices } = decision.chosen;
    return { ...compileTask(task, target, { ...options, choices }), chosen: "modelled" };
  }
  const { schedule, knobs, from } = decision;
  const wishes = { ...options, choices: knobs, ...(schedule !== undefined && { schedule }) };
  const kernel = impose(step, () => {
    const made = compileTaskStages(task, target, wishes);
    refuseUnknownKnobs(knobs, made.knobs, made.kernel.schedule);
    return made.kernel;
  });
  return from === "estimate" ? kernel : { ...kernel, chosen: from };
}
