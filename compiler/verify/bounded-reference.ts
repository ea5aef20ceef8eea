import type { Graph, GraphNode } from "../graph/graph.ts";
import type { Plan } from "../graph/plan.ts";
import { WINOGRADS, type WinogradPart, type WinogradPlan } from "../ops/winograd/winograd-blocks.ts";
import { defined } from "../support/assert.ts";
import { type OpenSums, openTerms, widenByShift } from "./folded-shift.ts";
import { nodeErrors } from "./node-errors.ts";
import { runReference, type TensorData } from "./reference.ts";

/** A layer as a bundle's metadata has it: which tensor it completes, and the rows a Winograd kernel computes of it. */
export interface LayerTiles {
  readonly name: string;
  readonly op: string;
  readonly rows?: number | undefined;
  readonly output?: { readonly tensor: string } | undefined;
}

/** Layers of a plan, as metadata has them. */
export function planLayers({ steps }: Plan): readonly LayerTiles[] {
  return steps.map(({ name, task, produces }) => ({
    name,
    op: task.op,
    rows: task.dims.ROWS,
    output: produces,
  }));
}

/**
 * Runs the reference with bounds of how far a float32 computation may be from it. `onNode` gets each tensor with its
 * bounds (undefined: exact), those of the tensors it was made of carried along; what it returns takes the tensor's place, as
 * contents without an error.
 */
export function boundedReference(
  model: Graph,
  inputs: TensorData,
  layers: readonly LayerTiles[],
  onNode: (
    tensor: string,
    wanted: Float32Array,
    bounds: Float32Array | undefined,
  ) => Float32Array | undefined,
): TensorData {
  const tiles = tilesOf(model, layers);
  const errors = new Map<string, Float32Array>();
  const open: OpenSums = new Map();
  return runReference(model, Object.fromEntries(inputs), (node, wanted, graph, read) => {
    const bounds = nodeErrors(graph, node, read, (name) => errors.get(name), tiles.get(node.output));
    const terms = openTerms(graph, node, open);
    if (terms !== undefined && bounds !== undefined) widenByShift(graph, node, read, terms, wanted, bounds);
    const instead = onNode(node.output, wanted, bounds);
    if (instead === undefined && terms !== undefined) open.set(node.output, terms);
    if (instead === undefined && bounds !== undefined) errors.set(node.output, bounds);
    return instead;
  });
}

/** How convolutions were tiled, by the tensor that their node in the model makes. */
function tilesOf(model: Graph, layers: readonly LayerTiles[]): ReadonlyMap<string, WinogradPlan> {
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
  return {
    ...part,
    blocks: { RB: Math.ceil(part.rows / tile), TR: 1, CB: Math.ceil(columns / tile), TC: 1 },
  };
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
