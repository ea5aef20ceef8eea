import { rebuild } from "../draft.ts";
import type { Graph, GraphNode } from "../graph.ts";

/**
 * Lets nodes be done by the node that computes their first input, when nothing else reads that. `fused` gives the
 * producer as it then is, but for its output; undefined: both stay. A producer that pools its map already ends with that, and takes nothing more.
 */
export function fuseIntoProducer(
  graph: Graph,
  fused: (producer: GraphNode, node: GraphNode) => GraphNode | undefined,
): Graph {
  return rebuild(graph, (node, draft) => {
    const producer = draft.isOnlyUse(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
    const pooled = producer?.op.kind === "conv2d" && (producer.op.globalPool || producer.op.behind);
    const both = producer === undefined || pooled ? undefined : fused(producer, node);
    if (producer === undefined || both === undefined) draft.push(node);
    else draft.replace(producer, { ...both, output: node.output });
  });
}
