import { roundEven } from "../../ir/functions.ts";
import { type Draft, rebuild } from "../draft.ts";
import { composeClamps, isNoClamp } from "../epilogue.ts";
import type { Activation, ActivationOp, Graph, GraphNode } from "../graph.ts";
import { type Grid, gridOf } from "../grids.ts";

/**
 * A number that is quantized and at once taken back is the nearest of some floats: one function, which a convolution ends with. A clamp
 * before is done to the steps instead. What only moved since it was rounded so is not rounded again, and no more than clamped.
 */
export function pairQuantization(graph: Graph): Graph {
  const seen: Seen = { grids: new Map(), rounded: new Map() };
  return rebuild(graph, (node, draft) => {
    const stays = paired(node, draft, seen);
    if (stays === undefined) return;
    draft.push(stays);
    const grid = gridOf(stays, seen.grids);
    if (grid !== undefined) seen.grids.set(stays.output, grid);
  });
}

interface Seen {
  readonly grids: Map<string, Grid>;
  /** What each function made of each tensor, so that all who take the same number back share it. */
  readonly rounded: Map<string, string>;
}

/** A node as it stays; undefined where an earlier one stands for it. */
function paired(node: GraphNode, draft: Draft, seen: Seen): GraphNode | undefined {
  const quantize = functionOf(node, "quantize");
  if (quantize !== undefined) return withClampBefore(node, quantize, draft);
  const dequantize = functionOf(node, "dequantize");
  return dequantize === undefined ? node : pair(node, dequantize, draft, seen);
}

function functionOf({ op }: GraphNode, fn: Activation["fn"]): ActivationOp | undefined {
  return op.kind === "activation" && op.activation.fn === fn ? op : undefined;
}

/** Greater numbers have no fewer steps, so bounds may be counted in steps. */
function withClampBefore(node: GraphNode, op: ActivationOp, draft: Draft): GraphNode {
  const before = draft.producer(node.inputs[0]);
  if (before?.op.kind !== "clamp" || !draft.isOnlyUse(before.output)) return node;
  const { alpha, beta } = op.activation;
  const steps = (v: number): number => Math.fround(roundEven(Math.fround(v / alpha)) + beta) + 0;
  const { lo, hi } = before.op.clamp;
  draft.remove(before);
  const clamp = composeClamps({ lo: steps(lo), hi: steps(hi) }, op.clamp);
  return { ...node, op: { ...op, clamp }, inputs: before.inputs };
}

function pair(
  node: GraphNode,
  { activation: { alpha, beta }, clamp }: ActivationOp,
  draft: Draft,
  { grids, rounded }: Seen,
): GraphNode | undefined {
  const from = draft.producer(node.inputs[0]);
  const quantize = from && functionOf(from, "quantize");
  const same = quantize?.activation.alpha === alpha && quantize.activation.beta === beta;
  if (from === undefined || quantize === undefined || !same || !isNoClamp(clamp)) {
    return once(node, draft, rounded);
  }
  const [x] = from.inputs;
  const taken = (v: number): number => Math.fround(Math.fround(v - beta) * alpha);
  const bounds = { lo: taken(quantize.clamp.lo), hi: taken(quantize.clamp.hi) };
  const grid = grids.get(x);
  if (grid?.alpha !== alpha) {
    const op: ActivationOp = { kind: "activation", activation: roundedTo(alpha), clamp: bounds };
    return once({ ...node, op, inputs: [x] }, draft, rounded);
  }
  const inside = grid.lo >= bounds.lo && grid.hi <= bounds.hi;
  return inside && replaced(node, x, draft)
    ? undefined
    : { ...node, op: { kind: "clamp", clamp: bounds }, inputs: [x] };
}

/** A function of a tensor, unless an earlier node is the same. */
function once(node: GraphNode, draft: Draft, rounded: Map<string, string>): GraphNode | undefined {
  const key = JSON.stringify([node.inputs, node.op]);
  const known = rounded.get(key);
  if (known === undefined) rounded.set(key, node.output);
  return known !== undefined && replaced(node, known, draft) ? undefined : node;
}

/** Whether readers of a node read a tensor instead: an output stays. */
function replaced({ output }: GraphNode, by: string, draft: Draft): boolean {
  if (draft.graph.outputs.includes(output)) return false;
  draft.substitute(output, by);
  return true;
}

/** A power of two divides as its reciprocal multiplies. */
function roundedTo(alpha: number): Activation {
  const exact = Number.isInteger(Math.log2(alpha)) && Number.isFinite(Math.fround(1 / alpha));
  return exact ? { fn: "requantize", alpha, beta: 1 / alpha } : { fn: "fake-quantize", alpha, beta: 0 };
}
