import { isNoClamp } from "../clamps.ts";
import type { Graph } from "../graph.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";

/** An activation is done by the node before it, in its store, when that does nothing to its result yet. */
export function fuseActivation(graph: Graph): Graph {
  return fuseIntoProducer(graph, ({ op: before }, op) => {
    if (op.kind !== "activation") return undefined;
    switch (before.kind) {
      case "conv2d":
      case "dense":
      case "add": {
        if (before.activation !== undefined || !isNoClamp(before.clamp)) return undefined;
        return { ...before, activation: op.activation, clamp: op.clamp };
      }
      default:
        return undefined;
    }
  });
}
