import { HALF_LARGEST } from "../ir/dtype.ts";
import { mayBeHalf } from "../ops/activation/activations.ts";
import { imageExtents, shapeOf } from "./extents.ts";
import type { Activation, Clamp, Graph, GraphNode } from "./graph.ts";
import { type Grid, gridsOf, offsetOf } from "./grids.ts";
import { constantOperands, has, type OpWith } from "./node-traits.ts";
import { readersOf } from "./readers.ts";
import { isSearch } from "./search-ops.ts";

/**
 * The tensors that can be f16 where their nodes read f16: of operators that do, all of it images or rows of channels, with constants that
 * lose nothing but digits as f16, and with an end that may be. None that holds whole numbers, which are exact; what is quantized to 8 bits
 * where all who read it are f16, too, as those that compute with steps find them again. Means of maps are nodes of their own by
 * then (passes/mean-apart.ts).
 */
export function halfOutputs(graph: Graph): ReadonlySet<string> {
  const smooth = smoothTensors(graph);
  const grids = gridsOf(graph);
  const outputs = new Set(graph.outputs);
  const halves = new Set<string>();
  const moved = new Set<string>();
  for (const node of graph.nodes.toReversed()) {
    const { op, output } = node;
    const staysInside = (): boolean =>
      !outputs.has(output) &&
      readersOf(graph, output).every((reader) => halves.has(reader.output) || moved.has(reader.output));
    if (has(op, "moves")) {
      if (staysInside()) moved.add(output);
      continue;
    }
    const read = activationsOf(node);
    const isSmooth = has(op, "convolves") || read.every((tensor) => smooth.has(tensor));
    const held = [...read, output].every((tensor) => isHalfGrid(grids.get(tensor)));
    if (isSmooth && held && isHalfNode(graph, node, grids) && (!grids.has(output) || staysInside()))
      halves.add(output);
  }
  return halves;
}

/** What a node reads that is no constant. */
function activationsOf(node: GraphNode): readonly string[] {
  const constants = constantOperands(node) ?? [];
  return node.inputs.filter((_, i) => !constants.includes(i));
}

/** Whether f16 is nearer to each multiple than to its neighbours, with digits to spare; what is no multiple has no such need. */
function isHalfGrid(grid: Grid | undefined): boolean {
  if (grid === undefined) return true;
  return offsetOf(grid) !== undefined && grid.alpha >= LEAST && MOST_STEPS * grid.alpha <= HALF_LARGEST;
}

/** Tensors that hold no whole numbers as such: sums of products, means and the like, and what is made of nothing else. */
function smoothTensors(graph: Graph): ReadonlySet<string> {
  const smooth = new Set(graph.inputs.filter((name) => graph.tensors.get(name)?.type === undefined));
  const grids = gridsOf(graph);
  for (const { op, inputs, output } of graph.nodes) {
    const rounds = op.kind === "activation" && !mayBeHalf(op.activation.fn) && !grids.has(output);
    const read = inputs.filter((name) => graph.tensors.get(name)?.data === undefined);
    const keeps = !isSearch(op) && op.kind !== "constant" && !rounds && read.length > 0;
    if (has(op, "convolves") || (keeps && read.every((name) => smooth.has(name)))) smooth.add(output);
  }
  return smooth;
}

function isHalfNode(graph: Graph, node: GraphNode, grids: ReadonlyMap<string, Grid>): boolean {
  const { op, inputs, output } = node;
  if (!has(op, "half")) return false;
  // steps are counted in f32
  const rounds = grids.has(output);
  if (!rounds && "activation" in op && op.activation !== undefined && !isHalfActivation(op.activation))
    return false;
  if ("clamp" in op && !isHalfClamp(op.clamp)) return false;
  if (op.kind === "conv2d" && (op.globalPool || op.behind !== undefined)) return false;
  const activations = [...activationsOf(node), output];
  if (activations.some((tensor) => imageExtents(shapeOf(graph, tensor)) === undefined)) return false;
  const constants = constantOperands(node) ?? [];
  const data = (i: number): Float32Array => graph.tensors.get(inputs[i])?.data ?? new Float32Array();
  if (!constants.every((i) => areHalves(data(i)))) return false;
  return !has(op, "linear") || hasHalfWeights(op, data, shapeOf(graph, inputs[1])[0]);
}

/** Of constants: what Winograd's algorithm makes of them is at most 9 times as large. */
const MOST = HALF_LARGEST / 16;
/** By constant: large ones are looked at once, however many plans are made. */
const known = new WeakMap<Float32Array, boolean>();

function areHalves(data: Float32Array): boolean {
  const before = known.get(data);
  if (before !== undefined) return before;
  let most = 0;
  for (let i = 0; i < data.length; i++) most = Math.max(most, Math.abs(data[i]));
  // NaN is not less than anything
  const holds = most <= MOST;
  known.set(data, holds);
  return holds;
}

/** Numbers below it have fewer digits than others. */
const LEAST = 2 ** -14;
/** Of 8 bits. */
const MOST_STEPS = 255;

/** A slope or an offset that f16 holds with all its digits, or 0. */
function isHalfActivation({ fn, alpha, beta }: Activation): boolean {
  const holds = (v: number): boolean => v === 0 || (Math.abs(v) >= LEAST && Math.abs(v) <= MOST);
  return mayBeHalf(fn) && holds(alpha) && holds(beta);
}

function isHalfClamp({ lo, hi }: Clamp): boolean {
  return [lo, hi].every((v) => !Number.isFinite(v) || Math.abs(v) <= HALF_LARGEST);
}

/** How large inputs of a layer are taken to be, and its sums' part of a bias that is no matter. */
const USUAL_INPUT = 64;
const NO_MATTER = 2 ** -11;

/** Whether no output channel's weights vanish as f16, but where its bias is all that matters. */
function hasHalfWeights(
  { bias }: OpWith<"linear">,
  data: (operand: number) => Float32Array,
  channels: number,
): boolean {
  const weights = data(1);
  const each = weights.length / channels;
  const shifts = bias ? data(2) : undefined;
  for (let oc = 0; oc < channels; oc++) {
    let most = 0;
    for (let i = oc * each; i < (oc + 1) * each; i++) most = Math.max(most, Math.abs(weights[i]));
    const vanishes = most > 0 && most < LEAST;
    if (vanishes && most * each * USUAL_INPUT > NO_MATTER * Math.abs(shifts?.[oc] ?? 0)) return false;
  }
  return true;
}
