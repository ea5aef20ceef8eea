import { defined } from "../../support/assert.ts";
import { elementCount } from "../extents.ts";
import type { Graph, GraphNode } from "../graph.ts";
import { readersOf } from "../readers.ts";

/**
 * Convolutions that read the same tensor run one after another, as far as their operands are there: it is still in the cache for
 * the second. (The branches of an Inception block read its input in turn, and between them megabytes of others' weights pass.) Only
 * those that leave less than a quarter of what they read move forward: their result waits longer, and the tensor may be given up earlier.
 */
export function readersTogether(graph: Graph): Graph {
  const { nodes, tensors } = graph;
  const size = (tensor: string): number =>
    elementCount(defined(tensors.get(tensor), `tensor ${tensor}`).shape);
  const made = new Set([...graph.inputs, ...[...tensors].flatMap(([name, t]) => (t.data ? [name] : []))]);
  const placed = new Set<GraphNode>();
  const order: GraphNode[] = [];
  const place = (node: GraphNode): void => {
    if (placed.has(node)) return;
    placed.add(node);
    made.add(node.output);
    order.push(node);
  };
  const isSmall = (node: GraphNode, read: string): boolean =>
    node.op.kind === "conv2d" && node.inputs[0] === read && 4 * size(node.output) <= size(read);
  for (const node of nodes) {
    if (placed.has(node)) continue;
    place(node);
    if (node.op.kind !== "conv2d") continue;
    for (const other of readersOf(graph, node.inputs[0])) {
      if (isSmall(other, node.inputs[0]) && other.inputs.every((input) => made.has(input))) place(other);
    }
  }
  return order.every((node, i) => node === nodes[i]) ? graph : { ...graph, nodes: order };
}
