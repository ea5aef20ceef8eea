import type { Graph } from "../graph/graph.ts";
import type { Target } from "../target/target.schema.ts";
import { countLayers, type LayerCost, type NetworkCost, sumCosts } from "./count-network.ts";
import { executedMacs } from "./lanes.ts";
import { type Bound, boundOf, roofsOf } from "./roofline.ts";
import type { Traffic } from "./scheduled-traffic.ts";

export interface LayerAnalysis extends LayerCost, Partial<Bound>, Partial<Traffic> {
  /** Part of the network's MACs, 0 to 1. */
  readonly share: number;
  /** Part of the vector lanes that do something useful on the target, 0 to 1; of layers with MACs. */
  readonly lanes_used?: number;
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

/** What each layer of a network costs, and on a target what bounds it; `traffic` by layer, see scheduled-traffic.ts. */
export function analyzeNetwork(
  graph: Graph,
  target?: Target,
  traffic: ReadonlyMap<string, Traffic> = new Map(),
): Analysis {
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
      ...traffic.get(layer.name),
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
      ...(traffic.size > 0 && {
        l1_bytes: layers.reduce((sum, { l1_bytes = 0 }) => sum + l1_bytes, 0),
        l2_bytes: layers.reduce((sum, { l2_bytes = 0 }) => sum + l2_bytes, 0),
      }),
      ...(roofs !== undefined && { bound_ms: layers.reduce((sum, { bound_ms = 0 }) => sum + bound_ms, 0) }),
    },
  };
}
