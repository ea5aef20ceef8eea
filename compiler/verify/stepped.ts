import type { GraphNode } from "../graph/graph.ts";
import { type Grid, gridOf } from "../graph/grids.ts";

/** Steps that f16 tells apart, with digits to spare. */
const MOST_STEPS = 511;

/**
 * What a model quantizes and takes back, node by node in the model's order. A board may hold such numbers as f16; layers that multiply steps
 * find the very multiples in them again, so these are what they are compared by.
 */
export function openSteps(): (node: GraphNode, contents: Float32Array) => Float32Array {
  const grids = new Map<string, Grid>();
  return (node, contents) => {
    const grid = gridOf(asRounded(node), grids);
    if (grid === undefined) return contents;
    grids.set(node.output, grid);
    const { alpha } = grid;
    return contents.map((v) => {
      const steps = Math.round(v / alpha);
      return Math.abs(steps) <= MOST_STEPS ? Math.fround(steps * alpha) : v;
    });
  };
}

/** A model takes numbers of steps back by a node of its own. */
function asRounded(node: GraphNode): GraphNode {
  const { op } = node;
  if (op.kind !== "activation" || op.activation.fn !== "dequantize") return node;
  return { ...node, op: { ...op, activation: { ...op.activation, fn: "fake-quantize" } } };
}
