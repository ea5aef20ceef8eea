import type { Graph, GraphNode } from "../graph/graph.ts";
import { BLOCK_TERMS } from "../lower/block-sums.ts";
import type { ConvAlgorithm, ConvPart, ConvPlan, Window } from "../ops/conv2d/algorithm.ts";
import { algorithmOf } from "../ops/conv2d/algorithms.ts";
import { defined } from "../support/assert.ts";
import {
  type OpenSums,
  openSum,
  openWhereFolded,
  spreadOverChannels,
  widenByFactors,
  widenByShift,
} from "./folded-shift.ts";
import { halfTensors } from "./half-tensors.ts";
import type { LayerPart } from "./layer-part.ts";
import { nodeErrors } from "./node-errors.ts";
import { runReference, type TensorData } from "./reference.ts";
import { halfSumFactor, sumFactor } from "./rounding.ts";
import { multiplesOf, openSteps } from "./stepped.ts";

/**
 * Runs the reference with bounds of how far a computation in floats may be from it. `onNode` gets each tensor with its
 * bounds (undefined: exact), those of the tensors it was made of carried along; what it returns takes the tensor's place, as
 * contents without an error.
 */
export function boundedReference(
  model: Graph,
  inputs: TensorData,
  layers: readonly LayerPart[],
  onNode: (
    tensor: string,
    wanted: Float32Array,
    bounds: Float32Array | undefined,
    floats: "f16" | undefined,
  ) => Float32Array | undefined,
): TensorData {
  const { plans, mixing, ofSteps } = convPlans(model, layers);
  const stepOf = openSteps();
  const halves = halfTensors(model, layers);
  const dropping = droppingNaN(layers);
  const errors = new Map<string, Float32Array>();
  const open: OpenSums = new Map();
  return runReference(model, Object.fromEntries(inputs), (node, wanted, graph, read) => {
    const floats = halves.has(node.output) ? "f16" : undefined;
    const { output } = node;
    const computed = { plan: plans.get(output), floats, ofSteps: ofSteps.has(output) } as const;
    const sums = nodeErrors(graph, node, read, (name) => errors.get(name), wanted, computed);
    if (mixing.has(node.output) && sums !== undefined) spreadOverChannels(graph, node, sums);
    const bounds = dropping.has(node.output) ? openWhereNaN(wanted, sums) : sums;
    const sum = openSum(graph, node, open, mixing);
    if (sum !== undefined && bounds !== undefined) {
      const before = open.get(node.inputs[0])?.mixes ? errors.get(node.inputs[0]) : undefined;
      if (before !== undefined) widenByFactors(graph, node, read, before, bounds);
      const added = floats === "f16" ? Math.min(sum.terms, BLOCK_TERMS) : sum.terms;
      const factor = floats === "f16" ? halfSumFactor(added) : sumFactor(added);
      widenByShift(graph, node, read, factor, wanted, bounds);
      if (floats === "f16" && open.has(node.inputs[0])) openWhereFolded(added, bounds);
    }
    const instead = onNode(node.output, wanted, bounds, floats);
    if (instead === undefined && sum !== undefined) open.set(node.output, sum);
    if (instead === undefined && bounds !== undefined) errors.set(node.output, bounds);
    const step = stepOf(node);
    return instead && floats && step !== undefined ? multiplesOf(step, instead) : instead;
  });
}

/** Tensors completed by layers that make numbers of NaN, or that lie as numbers, of which none is NaN. */
function droppingNaN(layers: readonly LayerPart[]): ReadonlySet<string> {
  return new Set(
    layers.flatMap(({ op, output }) =>
      output && (algorithmOf(op)?.dropsNaN || output.dtype === "i8") ? [output.tensor] : [],
    ),
  );
}

/** Bounds, without any where NaN is wanted. */
function openWhereNaN(wanted: Float32Array, bounds: Float32Array | undefined): Float32Array | undefined {
  if (!wanted.some(Number.isNaN)) return bounds;
  return wanted.map((v, i) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : (bounds?.[i] ?? 0)));
}

/** Of convolutions, by the tensor that their node in the model makes: how they were computed otherwise than by plain sums, and which are of a kind. */
interface Found {
  readonly plans: ReadonlyMap<string, ConvPlan>;
  readonly mixing: ReadonlySet<string>;
  readonly ofSteps: ReadonlySet<string>;
}

function convPlans(model: Graph, layers: readonly LayerPart[]): Found {
  const makers = new Map(model.nodes.map((node) => [node.output, node]));
  const completed = new Set(layers.flatMap(({ output }) => (output === undefined ? [] : [output.tensor])));
  const plans = new Map<string, ConvPlan>();
  const [mixing, ofSteps] = [new Set<string>(), new Set<string>()];
  let parts: FoundPart[] = [];
  for (const { name, op, rows, output } of layers) {
    const algorithm = algorithmOf(op);
    if (algorithm !== undefined) {
      const from = parts.reduce((sum, part) => sum + part.rows, 0);
      parts.push({ op, algorithm, from, rows: defined(rows, `rows of ${name}`) });
    }
    if (output === undefined) continue;
    for (const conv of parts.length > 0 ? behind(output.tensor, model, makers, completed, parts) : []) {
      const [, , , OW = 1] = model.tensors.get(conv.node.output)?.shape ?? [];
      const d = { ...conv.window, OW };
      const calls = parts.flatMap((part) => part.algorithm.part?.(part.op, part, d) ?? []);
      if (calls.length === parts.length) plans.set(conv.node.output, { parts: calls });
      if (parts.some((part) => part.algorithm.mixesChannels)) mixing.add(conv.node.output);
      if (parts.every((part) => part.algorithm.ofSteps)) ofSteps.add(conv.node.output);
    }
    parts = [];
  }
  return { plans, mixing, ofSteps };
}

type FoundPart = Pick<ConvPart, "op" | "from" | "rows"> & { readonly algorithm: ConvAlgorithm };

/** The convolutions of such parts that a tensor was made with, as far back as the board has no tensors of its own. */
function behind(
  tensor: string,
  model: Graph,
  makers: ReadonlyMap<string, GraphNode>,
  completed: ReadonlySet<string>,
  parts: readonly FoundPart[],
): readonly FoundConv[] {
  const node = makers.get(tensor);
  if (node === undefined) return [];
  const window = windowOf(node, model);
  if (window !== undefined && parts.every(({ algorithm }) => algorithm.applies(window)))
    return [{ node, window }];
  return node.inputs
    .filter((input) => !completed.has(input))
    .flatMap((input) => behind(input, model, makers, completed, parts));
}

interface FoundConv {
  readonly node: GraphNode;
  readonly window: Window;
}

function windowOf({ op, inputs }: GraphNode, model: Graph): Window | undefined {
  if (op.kind !== "conv2d") return undefined;
  const [, , KH = 1, KW = 1] = model.tensors.get(inputs[1])?.shape ?? [];
  const [[SH, SW], [DH, DW]] = [op.strides, op.dilations];
  return { KH, KW, SH, SW, DH, DW };
}
