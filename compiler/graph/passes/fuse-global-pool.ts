import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";

/**
 * A global average pool takes the sums of a dense 1x1 convolution as they come, when nothing else reads them: the map is
 * never stored. Larger kernels keep their own ways of computing (Winograd), which are worth more.
 */
export function fuseGlobalPool(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const producer = node.op.kind === "global-avg-pool" ? draft.producer(node.inputs[0]) : undefined;
    if (
      producer?.op.kind !== "conv2d" ||
      producer.op.groups > 1 ||
      producer.op.globalPool ||
      !isOnePixel(graph.tensors.get(producer.inputs[1])?.shape) ||
      !draft.isOnlyUse(node.inputs[0])
    ) {
      draft.push(node);
      return;
    }
    draft.replace(producer, { ...producer, op: { ...producer.op, globalPool: true }, output: node.output });
  });
}

function isOnePixel(weights: readonly number[] | undefined): boolean {
  return weights?.[2] === 1 && weights[3] === 1;
}
