import { isNormal } from "../../ir/dtype.ts";
import type { Activation, Graph, GraphNode } from "../graph.ts";
import { roundsToSteps } from "../grids.ts";
import { has } from "../node-traits.ts";

/**
 * What is f16 is rounded to steps by a product with their reciprocal: a division takes as long as twenty, and numbers of f16 are off by more
 * than the two differ.
 */
export function roundByProducts(graph: Graph, isHalf: (node: GraphNode) => boolean): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (isHalf(node) ? roundedByProduct(node) : node)) };
}

function roundedByProduct(node: GraphNode): GraphNode {
  const { op } = node;
  if ((op.kind !== "activation" && !has(op, "epilogue")) || op.activation === undefined) return node;
  return { ...node, op: { ...op, activation: byProduct(op.activation) } };
}

/**
 * What sums of products are made into is rounded to steps so, too: which of two neighbours is nearest to a sum that is rounded anyway hangs on the
 * order of its terms. Multiples of one step that become those of another are divided: many lie right between two of these.
 */
export function roundSums(graph: Graph): Graph {
  const inexact = new Set<string>();
  const nodes = graph.nodes.map((node) => {
    const { op, inputs, output } = node;
    const ofSums = inputs.some((tensor) => inexact.has(tensor));
    const isWhole = "activation" in op && op.activation !== undefined && roundsToSteps(op.activation);
    if (!isWhole && (ofSums || has(op, "convolves") || op.kind === "matmul")) inexact.add(output);
    return ofSums ? roundedByProduct(node) : node;
  });
  return { ...graph, nodes };
}

/** The function that rounds to the same steps without a division, of what is rounded anyway; others as they are. */
export function byProduct(activation: Activation): Activation {
  const { fn, alpha } = activation;
  const by = Math.fround(1 / alpha);
  return fn === "fake-quantize" && by > 0 && isNormal(by)
    ? { fn: "requantize", alpha, beta: by }
    : activation;
}
