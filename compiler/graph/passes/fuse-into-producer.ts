import { rebuild } from "../draft.ts";
import type { Graph, GraphNode, NodeOp } from "../graph.ts";

/**
 * Lets nodes be done by the node that computes their first input, when nothing else reads that. `fused` gives what the
 * producer then is; undefined: both stay. A producer that pools its map already ends with that, and takes nothing more.
 */
export function fuseIntoProducer(
  graph: Graph,
  fused: (producer: GraphNode, op: NodeOp) => NodeOp | undefined,
): Graph {
  return rebuild(graph, (node, draft) => {
    const producer = draft.isOnlyUse(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
    const pooled = producer?.op.kind === "conv2d" && producer.op.globalPool;
    const op = producer === undefined || pooled ? undefined : fused(producer, node.op);
    if (producer === undefined || op === undefined) draft.push(node);
    else draft.replace(producer, { ...producer, op, output: node.output });
  });
}
