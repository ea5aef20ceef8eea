import { elementCount, shapeOf } from "../graph/extents.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import { has } from "../graph/node-traits.ts";
import { foldGraph } from "../graph/optimize-graph.ts";

/**
 * What one layer of a network costs, counted as the E2GC paper does (Jha et al. 2020): `params` are the weights of
 * convolutions and fully connected layers without bias and batch norm, `macs` their multiply-accumulates, `activations`
 * the elements read and written, arithmetic intensity is macs / (params + activations). The paper's formula takes the
 * output's height and width for both sides; here a strided layer counts the input it really reads. Weights that are computed
 * are among the activations.
 */
export interface LayerCost {
  readonly name: string;
  /** A batch norm that no convolution takes in is "batch-norm": like pooling it has no MACs and parameters here. */
  readonly op: string;
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** Height and width; of convolutions only, as groups. */
  readonly kernel?: readonly [number, number];
  readonly groups?: number;
  /** G, input channels per group. */
  readonly group_size?: number;
  readonly macs: number;
  readonly params: number;
  readonly activations: number;
  readonly arithmetic_intensity: number;
  /** The least that must move: weights, bias, inputs and output once each, 4 bytes an element. */
  readonly bytes: number;
}

/** A network's sums; `activations` and what follows from it are of the layers with MACs, as in the paper. */
export interface NetworkCost {
  readonly macs: number;
  readonly params: number;
  readonly activations: number;
  readonly arithmetic_intensity: number;
  /** Of all layers. */
  readonly bytes: number;
}

/** The layers a network has once batch norms, activations and residual adds are folded into convolutions. */
export function countLayers(graph: Graph): LayerCost[] {
  const norms = new Set(graph.nodes.filter(({ op }) => op.kind === "batch-norm").map(({ name }) => name));
  const folded = foldGraph(graph);
  return folded.nodes
    .filter(({ op }) => !has(op, "moves") && !has(op, "channel-wise"))
    .map((node) => countLayer(folded, node, norms.has(node.name)));
}

function countLayer(graph: Graph, node: GraphNode, isNorm: boolean): LayerCost {
  const { name, op, inputs, output } = node;
  const shape = (tensor: string): readonly number[] => shapeOf(graph, tensor);
  const size = (tensor: string): number => elementCount(shape(tensor));
  const constant = (tensor: string): boolean => graph.tensors.get(tensor)?.data !== undefined;
  const dynamic = op.kind === "dynamic-conv2d";
  // known weights of exact sums are written while the network runs
  const written = dynamic && graph.nodes.find((n) => n.output === inputs[1])?.op.kind === "constant";
  const weighs = (has(op, "linear") && !isNorm) || written;
  const params = weighs ? size(inputs[1]) : 0;
  // Every weight meets every output position once; a fully connected layer has one position a sample.
  const weights = dynamic ? size(inputs[1]) : params;
  const macs = weights * (elementCount(shape(output)) / (shape(output)[1] ?? 1));
  const [first] = inputs;
  // A residual added on the way costs bytes, but belongs to no product.
  const factors = dynamic ? inputs.slice(0, 2) : inputs.filter((x) => !constant(x));
  const read = weighs ? [first] : factors;
  const activations = read.reduce((sum, x) => sum + size(x), size(output));
  return {
    name,
    op: isNorm ? "batch-norm" : op.kind,
    input: shape(first),
    output: shape(output),
    ...(isNorm ? {} : windowOf(graph, node)),
    macs,
    params,
    activations,
    arithmetic_intensity: intensity(macs, params, activations),
    bytes: Float32Array.BYTES_PER_ELEMENT * inputs.reduce((sum, x) => sum + size(x), size(output)),
  };
}

/** What convolutions alone have. */
function windowOf(
  graph: Graph,
  { op, inputs }: GraphNode,
): Pick<LayerCost, "kernel" | "groups" | "group_size"> {
  const [, channels] = shapeOf(graph, inputs[0]);
  switch (op.kind) {
    case "conv2d": {
      const [, , kh, kw] = shapeOf(graph, inputs[1]);
      return { kernel: [kh, kw], groups: op.groups, group_size: channels / op.groups };
    }
    case "dynamic-conv2d":
      return { kernel: op.kernel, groups: op.groups, group_size: channels / op.groups };
    default:
      return {};
  }
}

export function sumCosts(layers: readonly LayerCost[]): NetworkCost {
  const sum = (of: (layer: LayerCost) => number): number =>
    layers.reduce((total, layer) => total + of(layer), 0);
  const [macs, params] = [sum((l) => l.macs), sum((l) => l.params)];
  const activations = sum((l) => (l.macs > 0 ? l.activations : 0));
  return {
    macs,
    params,
    activations,
    arithmetic_intensity: intensity(macs, params, activations),
    bytes: sum((l) => l.bytes),
  };
}

function intensity(macs: number, params: number, activations: number): number {
  return macs === 0 ? 0 : macs / (params + activations);
}
