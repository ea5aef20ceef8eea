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
  const order: GraphNode[] = [];
  const place = (node: GraphNode): void => {
    made.add(node.output);
    order.push(node);
  };
  /** Of a tensor that was just read, what else can read it now. */
  const follows = (read: string, { op, inputs, output }: GraphNode): boolean =>
    op.kind === "conv2d" &&
    inputs[0] === read &&
    4 * size(output) <= size(read) &&
    !made.has(output) &&
    inputs.every((input) => made.has(input));
  for (const node of nodes) {
    if (made.has(node.output)) continue;
    place(node);
    if (node.op.kind !== "conv2d") continue;
    const [read] = node.inputs;
    for (const other of readersOf(graph, read)) if (follows(read, other)) place(other);
  }
  return order.every((node, i) => node === nodes[i]) ? graph : { ...graph, nodes: order };
}
