import { composeClamps } from "../clamps.ts";
import type { Graph } from "../graph.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";

/** A clamp (ReLU, ReLU6, Clip) is done by the node before it, when that has a clamp of its own as the last thing it does. */
export function fuseClamp(graph: Graph): Graph {
  return fuseIntoProducer(graph, (producer, { op }) => {
    const before = producer.op;
    if (op.kind !== "clamp") return undefined;
    switch (before.kind) {
      case "conv2d":
      case "dense":
      case "matmul":
      case "add":
      case "elementwise":
      case "instance-norm":
      case "mul":
      case "activation":
      case "clamp": {
        if ("residual" in before && before.residual === "after") return undefined;
        return { ...producer, op: { ...before, clamp: composeClamps(before.clamp, op.clamp) } };
      }
      default:
        return undefined;
    }
  });
}
