import type { Graph } from "../graph/graph.ts";
import { optimizeGraph } from "../graph/optimize-graph.ts";
import { planForTarget } from "../graph/plan-for-target.ts";
import { contentKey } from "../support/stable.ts";
import type { Target } from "../target/target.schema.ts";
import { compileTaskStages } from "../task/compile-task.ts";
import { loopCosts } from "./loop-costs.ts";
import { trafficInto } from "./traffic.ts";

/** Modelled from the schedules that `compile` chooses and the target's caches; layout copies and borders are counted in. */
export interface Traffic {
  /** Bytes that the first-level data cache takes in. */
  readonly l1_bytes: number;
  /** Bytes that the second-level cache takes in from memory. */
  readonly l2_bytes: number;
}

/** By layer: steps such as "conv1/halo" belong to the layer "conv1". Compiles every kernel, without a C compiler. */
export function scheduledTraffic(
  graph: Graph,
  layers: readonly string[],
  wanted: Target,
): ReadonlyMap<string, Traffic> {
  const { plan, target } = planForTarget(optimizeGraph(graph), wanted);
  const { l1dBytes, l2Bytes } = target.core;
  const known = new Map<string, Traffic>();
  const sums = new Map<string, Traffic>();
  for (const { name, task } of plan.steps) {
    const key = contentKey(task);
    let found = known.get(key);
    if (found === undefined) {
      const costs = loopCosts(compileTaskStages(task, target).schedule.proc, target.isa.lanes);
      found = { l1_bytes: trafficInto(l1dBytes, costs), l2_bytes: trafficInto(l2Bytes, costs) };
      known.set(key, found);
    }
    const layer = layerOfStep(name, layers);
    if (layer === undefined) continue;
    const { l1_bytes, l2_bytes } = sums.get(layer) ?? { l1_bytes: 0, l2_bytes: 0 };
    sums.set(layer, { l1_bytes: l1_bytes + found.l1_bytes, l2_bytes: l2_bytes + found.l2_bytes });
  }
  return sums;
}

/** The layer that a step of a plan works for: "conv1" itself, "conv1/halo" before it. */
export function layerOfStep(step: string, layers: readonly string[]): string | undefined {
  const [longest] = layers
    .filter((layer) => step === layer || step.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length);
  return longest;
}
