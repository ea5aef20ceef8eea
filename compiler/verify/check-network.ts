import type { Graph, GraphNode } from "../graph/graph.ts";
import { WINOGRADS, type WinogradPart, type WinogradPlan } from "../ops/winograd-blocks.ts";
import { defined } from "../support/assert.ts";
import { type Comparison, compareTensors } from "./compare.ts";
import { nodeErrors } from "./node-errors.ts";
import { runReference, type TensorData } from "./reference.ts";

/** A layer as a bundle's metadata has it: which tensor it completes, and the rows a Winograd kernel computes of it. */
export interface LayerTiles {
  readonly name: string;
  readonly op: string;
  readonly rows?: number | undefined;
  readonly output?: { readonly tensor: string } | undefined;
}

/** What was found of a network's tensors: those its layers completed, and its outputs as they were handed out. */
export interface Found {
  readonly tensors: TensorData;
  readonly outputs: TensorData;
}

/** Each found tensor of the model beside the reference. */
export interface NetworkComparison {
  readonly tensors: ReadonlyMap<string, Comparison>;
  readonly outputs: ReadonlyMap<string, Comparison>;
}

/**
 * Compares a board's results with the model as it was read, its kernels run as TypeScript.
 *
 * Each tensor is compared with what the reference makes of the tensors that the board itself had before, so that a bound is
 * one layer's and no worse at the end of a network than at its beginning; that all layers are right, one after the other,
 * proves the whole. Nodes that were fused with others leave no tensor: through them the bounds are carried along.
 */
export function compareNetwork(
  model: Graph,
  inputs: TensorData,
  found: Found,
  layers: readonly LayerTiles[],
  factor = 1,
): NetworkComparison {
  const tiles = tilesOf(model, layers);
  const errors = new Map<string, Float32Array>();
  const tensors = new Map<string, Comparison>();
  const outputs = new Map<string, Comparison>();
  const shape = (tensor: string) => defined(model.tensors.get(tensor), `tensor ${tensor}`).shape;
  runReference(model, Object.fromEntries(inputs), (node, wanted, graph, read) => {
    const tensor = node.output;
    const bounds = nodeErrors(graph, node, read, (name) => errors.get(name), tiles.get(tensor));
    const compare = (actual: Float32Array): Comparison =>
      compareTensors(shape(tensor), actual, wanted, bounds, factor);
    const output = found.outputs.get(tensor);
    if (output !== undefined) outputs.set(tensor, compare(output));
    const actual = found.tensors.get(tensor);
    if (actual !== undefined) tensors.set(tensor, compare(actual));
    else if (bounds !== undefined) errors.set(tensor, bounds);
    return actual;
  });
  for (const [name, data] of found.outputs) {
    // An output that no node makes is an input or a constant.
    const given = inputs.get(name) ?? model.tensors.get(name)?.data;
    if (given !== undefined) outputs.set(name, compareTensors(shape(name), data, given, undefined, factor));
  }
  return { tensors, outputs };
}

/** How convolutions were tiled, by the tensor that their node in the model makes. */
export function tilesOf(model: Graph, layers: readonly LayerTiles[]): ReadonlyMap<string, WinogradPlan> {
  const makers = new Map(model.nodes.map((node) => [node.output, node]));
  const completed = new Set(layers.flatMap(({ output }) => (output === undefined ? [] : [output.tensor])));
  const tiles = new Map<string, WinogradPlan>();
  let parts: WinogradPart[] = [];
  for (const layer of layers) {
    const winograd = WINOGRADS.find(({ op }) => op === layer.op);
    if (winograd !== undefined) {
      const from = parts.reduce((sum, { rows }) => sum + rows, 0);
      const blocks = { RB: 0, TR: 1, CB: 0, TC: 1 };
      parts.push({ winograd, blocks, from, rows: defined(layer.rows, `rows of ${layer.name}`) });
    }
    if (layer.output === undefined) continue;
    if (parts.length > 0) {
      for (const conv of behind(layer.output.tensor, model, makers, completed)) {
        const columns = model.tensors.get(conv.output)?.shape[3] ?? 1;
        tiles.set(conv.output, { parts: parts.map((part) => wholeTiles(part, columns)) });
      }
    }
    parts = [];
  }
  return tiles;
}

/** One tile after the other: how they are gathered in blocks does not matter. */
function wholeTiles(part: WinogradPart, columns: number): WinogradPart {
  const { tile } = part.winograd;
  return { ...part, blocks: { RB: Math.ceil(part.rows / tile), TR: 1, CB: Math.ceil(columns / tile), TC: 1 } };
}

/** The convolutions of 3x3 that a tensor was made with, as far back as the board has no tensors of its own. */
function behind(
  tensor: string,
  model: Graph,
  makers: ReadonlyMap<string, GraphNode>,
  completed: ReadonlySet<string>,
): readonly GraphNode[] {
  const node = makers.get(tensor);
  if (node === undefined) return [];
  if (isTileable(node, model)) return [node];
  return node.inputs
    .filter((input) => !completed.has(input))
    .flatMap((input) => behind(input, model, makers, completed));
}

/** Winograd's algorithm is for 3x3, stride 1. */
function isTileable({ op, inputs }: GraphNode, model: Graph): boolean {
  if (op.kind !== "conv2d") return false;
  const [, , ...kernel] = model.tensors.get(inputs[1])?.shape ?? [];
  return kernel.every((n) => n === 3) && [...op.strides, ...op.dilations].every((n) => n === 1);
}
