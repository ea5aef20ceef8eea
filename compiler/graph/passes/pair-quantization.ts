import { roundEven } from "../../ir/functions.ts";
import { type Draft, rebuild } from "../draft.ts";
import { composeClamps, isNoClamp } from "../epilogue.ts";
import type { Activation, ActivationOp, Clamp, Graph, GraphNode } from "../graph.ts";
import { has } from "../node-traits.ts";

/**
 * A number that is quantized and at once taken back is the nearest of some floats: one function, which a convolution ends with. A clamp
 * before is done to the steps instead, and what only moved since it was rounded so is not rounded again.
 */
export function pairQuantization(graph: Graph): Graph {
  const rounded = new Map<string, string>();
  return rebuild(graph, (node, draft) => {
    const quantize = functionOf(node, "quantize");
    const dequantize = functionOf(node, "dequantize");
    if (quantize !== undefined) draft.push(withClampBefore(node, quantize, draft));
    else if (dequantize !== undefined) pair(node, dequantize, draft, rounded);
    else draft.push(node);
  });
}

type Function = ActivationOp["activation"]["fn"];

function functionOf({ op }: GraphNode, fn: Function): ActivationOp | undefined {
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

/** `rounded`: what each function made of each tensor, so that all who take the same number back share it. */
function pair(
  node: GraphNode,
  { activation: { alpha, beta }, clamp }: ActivationOp,
  draft: Draft,
  rounded: Map<string, string>,
): void {
  const from = draft.producer(node.inputs[0]);
  const quantize = from && functionOf(from, "quantize");
  const same = quantize?.activation.alpha === alpha && quantize.activation.beta === beta;
  if (from === undefined || quantize === undefined || !same || !isNoClamp(clamp)) {
    draft.push(node);
    return;
  }
  const [x] = from.inputs;
  const taken = (v: number): number => Math.fround(Math.fround(v - beta) * alpha);
  const bounds = { lo: taken(quantize.clamp.lo), hi: taken(quantize.clamp.hi) };
  const key = JSON.stringify([x, alpha, bounds]);
  const known = isRounded(x, alpha, bounds, draft) ? x : rounded.get(key);
  if (known !== undefined && !draft.graph.outputs.includes(node.output)) {
    draft.substitute(node.output, known);
    return;
  }
  const activation = roundedTo(alpha);
  draft.push({ ...node, op: { kind: "activation", activation, clamp: bounds }, inputs: [x] });
  if (known === undefined) rounded.set(key, node.output);
}

/** A power of two divides as its reciprocal multiplies. */
function roundedTo(alpha: number): Activation {
  const exact = Number.isInteger(Math.log2(alpha)) && Number.isFinite(Math.fround(1 / alpha));
  return exact ? { fn: "requantize", alpha, beta: 1 / alpha } : { fn: "fake-quantize", alpha, beta: 0 };
}

/** Whether a tensor holds multiples of `alpha` between bounds: it was rounded so, and what came after chose among its elements. */
function isRounded(tensor: string, alpha: number, bounds: Clamp, draft: Draft): boolean {
  const node = draft.producer(tensor);
  if (node === undefined) return false;
  const rounded = functionOf(node, "fake-quantize") ?? functionOf(node, "requantize");
  if (rounded !== undefined) {
    const { lo, hi } = rounded.clamp;
    return rounded.activation.alpha === alpha && lo >= bounds.lo && hi <= bounds.hi;
  }
  const chooses = has(node.op, "moves") || (node.op.kind === "pool" && node.op.mode === "max");
  return chooses && node.inputs.every((input) => isRounded(input, alpha, bounds, draft));
}
