import { setImmediate } from "node:timers/promises";
import type { Kernel } from "../artifact/kernel.ts";
import type { Graph } from "../graph/graph.ts";
import { optimizeGraph } from "../graph/optimize-graph.ts";
import type { Plan } from "../graph/plan.ts";
import { planForTarget } from "../graph/plan-for-target.ts";
import { contentKey } from "../support/stable.ts";
import type { Target } from "../target/target.schema.ts";
import { compileTask } from "../task/compile-task.ts";
import type { Task } from "../task/task.ts";
import { type DumpFile, kernelDump } from "./dump-ir.ts";
import { type BundleFiles, type BundleMeta, emitBundle } from "./emit-bundle.ts";
import { type GoldenWish, goldenResults } from "./golden.ts";

export interface CompileOptions {
  readonly meta: BundleMeta;
  /** Called before each kernel that is made anew. */
  readonly onKernel?: (done: number, total: number, step: string) => void;
  /** Only sums in another order than the model's: no algorithm that rounds differently. */
  readonly strict?: boolean;
  readonly golden?: GoldenWish;
  readonly dump?: DumpFile;
  readonly signal?: AbortSignal;
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
}

/** From a network's graph to the files of its bundle. Gives way to other work between kernels. */
export async function compileNetwork(
  source: Graph,
  wanted: Target,
  options: CompileOptions,
): Promise<CompiledNetwork> {
  const graph = optimizeGraph(source);
  const { plan, target } = planForTarget(graph, wanted, options);
  const kernels = await compileTasks(plan, target, options);
  const macs = kernels.reduce((sum, kernel) => sum + kernel.macs, 0);
  const golden = goldenResults(source, macs, options.golden ?? "never");
  const meta = golden === undefined ? options.meta : { ...options.meta, golden };
  return { graph, plan, target, kernels, files: emitBundle(plan, kernels, target, meta) };
}

async function compileTasks(plan: Plan, target: Target, options: CompileOptions): Promise<Kernel[]> {
  const keys = plan.steps.map((step) => contentKey(step.task));
  const total = new Set(keys).size;
  const made = new Map<string, Kernel>();
  const kernels: Kernel[] = [];
  for (const [i, step] of plan.steps.entries()) {
    let kernel = made.get(keys[i]);
    if (kernel === undefined) {
      options.onKernel?.(made.size, total, step.name);
      await setImmediate();
      options.signal?.throwIfAborted();
      kernel = compileOne(
        step.task,
        `${String(made.size + 1).padStart(3, "0")}-${step.name}`,
        target,
        options,
      );
      made.set(keys[i], kernel);
    }
    kernels.push(kernel);
  }
  return kernels;
}

function compileOne(task: Task, label: string, target: Target, options: CompileOptions): Kernel {
  if (options.dump === undefined) return compileTask(task, target);
  const folder = label.replace(/[^A-Za-z0-9._-]+/g, "_");
  const { dump, finish } = kernelDump(folder, target, options.dump);
  const kernel = compileTask(task, target, { dump });
  finish();
  return kernel;
}
