import type { Graph, GraphNode } from "../graph.ts";
import { has } from "../node-traits.ts";
import { ofSum } from "./fuse-activation.ts";

/**
 * What is f16 is rounded to steps by a product with their reciprocal: a division takes as long as twenty, and numbers of f16 are off by more
 * than the two differ.
 */
export function roundByProducts(graph: Graph, isHalf: (node: GraphNode) => boolean): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (isHalf(node) ? byProduct(node) : node)) };
}

function byProduct(node: GraphNode): GraphNode {
  const { op } = node;
  if (op.kind === "activation") return { ...node, op: { ...op, activation: ofSum(op.activation) } };
  if (!has(op, "epilogue") || op.activation === undefined) return node;
  return { ...node, op: { ...op, activation: ofSum(op.activation) } };
}
