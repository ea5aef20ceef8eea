import { composeClamps } from "../clamps.ts";
import { rebuild } from "../draft.ts";
import type { Graph, NodeOp } from "../graph.ts";

/** A clamp (ReLU, ReLU6, Clip) is done by the node before it, when that has a clamp of its own. */
export function fuseClamp(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    const producer = op.kind === "clamp" ? draft.producer(node.inputs[0]) : undefined;
    if (op.kind !== "clamp" || producer === undefined || !draft.isOnlyUse(node.inputs[0])) {
      draft.push(node);
      return;
    }
    const before: NodeOp = producer.op;
    switch (before.kind) {
      case "conv2d":
      case "dense":
      case "add":
      case "activation":
      case "clamp": {
        const fused: NodeOp = { ...before, clamp: composeClamps(before.clamp, op.clamp) };
        draft.replace(producer, { ...producer, op: fused, output: node.output });
        return;
      }
      default:
        draft.push(node);
    }
  });
}
