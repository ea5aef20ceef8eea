import type { Graph, GraphNode } from "../graph/graph.ts";
import { batchNormAffine } from "../graph/passes/fold-batch-norm.ts";
import { defined } from "../support/assert.ts";
import type { Read } from "./reference.ts";
import { HALF, halfSumFactor } from "./rounding.ts";

/** Sums of products whose nodes left no tensor on the board, by the tensor they make in the model: how many terms each has. */
export type OpenSums = Map<string, number>;

/** Terms of the sum that a node makes, or goes on with; undefined where it is none. */
export function openTerms(graph: Graph, { op, inputs }: GraphNode, open: OpenSums): number | undefined {
  switch (op.kind) {
    case "conv2d":
    case "dense": {
      const { shape } = defined(graph.tensors.get(inputs[1]), `weights ${inputs[1]}`);
      return shape.slice(1).reduce((product, extent) => product * extent, 1);
    }
    case "batch-norm":
    case "elementwise":
      return open.get(inputs[0]);
    default:
      return undefined;
  }
}

/**
 * What is added behind a convolution is folded into its bias, from which the sum then begins: each of its products is added to a
 * number of that size, however small the products are. Widens the bounds by what those roundings come to.
 * @param factor of the magnitudes of so many terms (rounding.ts)
 */
export function widenByShift(
  graph: Graph,
  node: GraphNode,
  read: Read,
  factor: number,
  wanted: Float32Array,
  bounds: Float32Array,
): void {
  const shiftAt = shiftOf(graph, node, read, wanted);
  if (shiftAt === undefined) return;
  for (let i = 0; i < bounds.length; i++) bounds[i] += factor * Math.abs(shiftAt(i));
}

/**
 * What a sum of f16 is multiplied by behind it is folded into its weights, so that it may overflow on the way to a small result. Bounds
 * grow with it: they tell what its terms come to, and are made infinite where that may be too much.
 */
export function openWhereFolded(terms: number, bounds: Float32Array): void {
  const { rounding, largest } = HALF;
  // of the magnitudes, their operands' roundings included
  const part = halfSumFactor(terms) + 2 * rounding;
  for (let i = 0; i < bounds.length; i++)
    if (bounds[i] > (part * largest) / 2) bounds[i] = Number.POSITIVE_INFINITY;
}

/** What a node adds to each element; undefined where it adds nothing. */
function shiftOf(
  graph: Graph,
  { op, inputs, output }: GraphNode,
  read: Read,
  wanted: Float32Array,
): ((i: number) => number) | undefined {
  if (op.kind === "batch-norm") {
    const { shift } = batchNormAffine(op, inputs, (name) => graph.tensors.get(name)?.data);
    const [, channels, ...map] = defined(graph.tensors.get(output), `tensor ${output}`).shape;
    const pixels = map.reduce((product, extent) => product * extent, 1);
    return (i) => shift[Math.floor(i / pixels) % channels];
  }
  if (op.kind !== "elementwise" || (op.fn !== "add" && op.fn !== "sub")) return undefined;
  const x = read(inputs[0]);
  return x.length === wanted.length ? (i) => wanted[i] - x[i] : undefined;
}
