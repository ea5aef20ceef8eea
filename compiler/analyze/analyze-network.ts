import type { Graph } from "../graph/graph.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Choices } from "../schedule/choose.ts";
import { countLayers, type LayerCost, type NetworkCost, sumCosts } from "./count-network.ts";
import { executedMacs } from "./lanes.ts";
import { type Bound, boundOf, roofsOf } from "./roofline.ts";
import type { Traffic } from "./step-traffic.ts";

export interface LayerAnalysis extends LayerCost, Partial<Bound>, Partial<Traffic> {
  /** Part of the network's MACs, 0 to 1. */
  readonly share: number;
  /** Part of the vector lanes that do something useful on the target, 0 to 1; of layers with MACs. */
  readonly lanes_used?: number;
  /** What the target computes it with; of layers that are computed at all. */
  readonly steps?: readonly AnalysedStep[];
}
/** A kernel call that works for a layer. */
export interface AnalysedStep extends Traffic {
  /** As a plan and metadata.json name it: "conv1", "conv1/halo". */
  readonly name: string;
  readonly op: string;
  /** Name of its kernel: a hash of its C. */
  readonly kernel: string;
  readonly schedule: string;
  readonly choice: string;
  readonly knobs: Choices;
}
export interface Analysis {
  readonly network: string;
  /** Absent when none was asked for; then no layer has lanes and bounds. */
  readonly target?: string;
  readonly layers: readonly LayerAnalysis[];
  readonly total: NetworkCost &
    Partial<Traffic> & {
      readonly lanes_used?: number;
      /** Sum of the layers' bounds, each with its own roof: modelled, never measured. */
      readonly bound_ms?: number;
    };
}

/** What a network is computed with on a target. */
export interface AnalysedTarget {
  /** With the one instruction set that was chosen. */
  readonly target: Target;
  /** By layer. */
  readonly steps: ReadonlyMap<string, readonly AnalysedStep[]>;
}

/** What each layer of a network costs, and on a target what bounds it and computes it. */
export function analyzeNetwork(graph: Graph, on?: AnalysedTarget): Analysis {
  const target = on?.target;
  const costs = countLayers(graph);
  const total = sumCosts(costs);
  const roofs = target === undefined ? undefined : roofsOf(target);
  const layers = costs.map((layer): LayerAnalysis => {
    const executed = target === undefined ? 0 : executedMacs(layer, target.isa.lanes);
    return {
      ...layer,
      share: total.macs === 0 ? 0 : layer.macs / total.macs,
      ...(executed > 0 && { lanes_used: layer.macs / executed }),
      ...(roofs !== undefined && boundOf(layer, roofs)),
      ...stepsOf(on?.steps.get(layer.name)),
    };
  });
  if (target === undefined) return { network: graph.name, layers, total };
  const executed = costs.reduce((sum, layer) => sum + executedMacs(layer, target.isa.lanes), 0);
  return {
    network: graph.name,
    target: target.name,
    layers,
    total: {
      ...total,
      ...(executed > 0 && { lanes_used: total.macs / executed }),
      ...trafficOf(layers),
      ...(roofs !== undefined && { bound_ms: layers.reduce((sum, { bound_ms = 0 }) => sum + bound_ms, 0) }),
    },
  };
}

function stepsOf(
  steps: readonly AnalysedStep[] | undefined,
): Pick<LayerAnalysis, "steps" | "l1_bytes" | "l2_bytes"> {
  return steps === undefined ? {} : { steps, ...trafficOf(steps) };
}

function trafficOf(all: readonly Partial<Traffic>[]): Traffic {
  return {
    l1_bytes: all.reduce((sum, { l1_bytes = 0 }) => sum + l1_bytes, 0),
    l2_bytes: all.reduce((sum, { l2_bytes = 0 }) => sum + l2_bytes, 0),
  };
}
