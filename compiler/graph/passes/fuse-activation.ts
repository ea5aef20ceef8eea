import { isNoClamp } from "../clamps.ts";
import { rebuild } from "../draft.ts";
import type { Graph, NodeOp } from "../graph.ts";

/** An activation is done by the node before it, in its store, when that does nothing to its result yet. */
export function fuseActivation(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    const producer = op.kind === "activation" ? draft.producer(node.inputs[0]) : undefined;
    if (op.kind !== "activation" || producer === undefined || !draft.isOnlyUse(node.inputs[0])) {
      draft.push(node);
      return;
    }
    const before: NodeOp = producer.op;
    switch (before.kind) {
      case "conv2d":
      case "dense":
      case "add": {
        const pooled = before.kind === "conv2d" && before.globalPool;
        if (before.activation !== undefined || pooled || !isNoClamp(before.clamp)) {
          draft.push(node);
          return;
        }
        const fused: NodeOp = { ...before, activation: op.activation, clamp: op.clamp };
        draft.replace(producer, { ...producer, op: fused, output: node.output });
        return;
      }
      default:
        draft.push(node);
    }
  });
}
