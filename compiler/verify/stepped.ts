import type { GraphNode } from "../graph/graph.ts";
import { type Grid, gridOf } from "../graph/grids.ts";

/** Steps that f16 tells apart, with digits to spare. */
const MOST_STEPS = 511;

/**
 * Of what tensors of a model are multiples, asked for each node in the model's order: of what it quantizes and takes back, and what is moved
 * or chosen since. Undefined: of nothing.
 */
export function openSteps(): (node: GraphNode) => number | undefined {
  const grids = new Map<string, Grid>();
  return (node) => {
    const grid = gridOf(asRounded(node), grids);
    if (grid !== undefined) grids.set(node.output, grid);
    return grid?.alpha;
  };
}

/**
 * What a board holds of multiples of a step as f16: layers that multiply steps find the very multiples in it again, so these are what they are
 * compared by.
 */
export function multiplesOf(step: number, contents: Float32Array): Float32Array {
  return contents.map((v) => {
    const steps = Math.round(v / step);
    return Math.abs(steps) <= MOST_STEPS ? Math.fround(steps * step) : v;
  });
}

/** A model takes numbers of steps back by a node of its own. */
function asRounded(node: GraphNode): GraphNode {
  const { op } = node;
  if (op.kind !== "activation" || op.activation.fn !== "dequantize") return node;
  return { ...node, op: { ...op, activation: { ...op.activation, fn: "fake-quantize" } } };
}
