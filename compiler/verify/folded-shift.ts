import type { Graph, GraphNode } from "../graph/graph.ts";
import { batchNormAffine } from "../graph/passes/fold-batch-norm.ts";
import { defined } from "../support/assert.ts";
import type { Read } from "./reference.ts";
import { HALF, halfSumFactor } from "./rounding.ts";

/** A sum of products whose node left no tensor on the board. */
export interface OpenSum {
  /** How many are added. */
  readonly terms: number;
  /** Whether roundings of one channel come from others (ConvAlgorithm). */
  readonly mixes: boolean;
}

/** By the tensor that its node makes in the model. */
export type OpenSums = Map<string, OpenSum>;

/** The sum that a node makes, or goes on with; undefined where it is none. */
export function openSum(
  graph: Graph,
  { op, inputs, output }: GraphNode,
  open: OpenSums,
  mixing: ReadonlySet<string>,
): OpenSum | undefined {
  switch (op.kind) {
    case "conv2d":
    case "dense": {
      const { shape } = defined(graph.tensors.get(inputs[1]), `weights ${inputs[1]}`);
      const terms = shape.slice(1).reduce((product, extent) => product * extent, 1);
      return { terms, mixes: mixing.has(output) };
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
 * Where channels are mixed, which ones hangs on their order in memory: each counts as off by as much as any other of its pixel.
 */
export function spreadOverChannels(graph: Graph, { output }: GraphNode, bounds: Float32Array): void {
  const [images, channels, ...map] = defined(graph.tensors.get(output), `tensor ${output}`).shape;
  const pixels = map.reduce((product, extent) => product * extent, 1);
  for (let n = 0; n < images; n++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const first = n * channels * pixels + pixel;
      let most = 0;
      for (let c = 0; c < channels; c++) most = Math.max(most, bounds[first + c * pixels]);
      for (let c = 0; c < channels; c++) bounds[first + c * pixels] = most;
    }
  }
}

/**
 * What a sum is multiplied by behind it is folded into its weights, of each channel by its own factor: where channels are mixed, one of
 * a small factor has the roundings of one of a large one. Widens the bounds by what the largest factor makes of those of the sum.
 * @param before bounds of what is multiplied
 */
export function widenByFactors(
  graph: Graph,
  node: GraphNode,
  read: Read,
  before: Float32Array,
  bounds: Float32Array,
): void {
  const most = largestFactor(graph, node, read);
  if (most === undefined || before.length !== bounds.length) return;
  for (let i = 0; i < bounds.length; i++) bounds[i] += most * before[i];
}

/** In size, of all channels; undefined where a node does not multiply. */
function largestFactor(graph: Graph, { op, inputs }: GraphNode, read: Read): number | undefined {
  const largest = (factors: Iterable<number>): number => {
    let most = 0;
    for (const factor of factors) most = Math.max(most, Math.abs(factor));
    return most;
  };
  if (op.kind === "batch-norm")
    return largest(batchNormAffine(op, inputs, (name) => graph.tensors.get(name)?.data).scale);
  if (op.kind !== "elementwise") return undefined;
  if (op.fn === "mul") return largest(read(inputs[1]));
  return op.fn === "div" ? largest(read(inputs[1]).map((v) => 1 / v)) : undefined;
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
