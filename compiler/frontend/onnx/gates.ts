import type { Activation, GraphNode } from "../../graph/graph.ts";
import type { Affine, ImportState } from "./import-state.ts";

/** scale * activation(base). */
export interface Gated {
  readonly base: string;
  readonly activation: Activation;
  readonly scale: number;
}

/**
 * The product of a tensor and a gate that was computed from it, as exporters write SiLU, hard swish, GELU and Mish:
 * x * Sigmoid(x), x * Clip(x + 3, 0, 6) / 6, x * (1 + Erf(x / sqrt(2))) / 2, x * Tanh(Softplus(x)).
 */
export function gatedProduct(state: ImportState, a: string, b: string): Gated | undefined {
  return gatedBy(state, a, b) ?? gatedBy(state, b, a);
}

function gatedBy(state: ImportState, x: string, gate: string): Gated | undefined {
  const value = affine(state, x);
  const outer = affine(state, gate);
  const node = producer(state, outer.base);
  if (value.shift !== 0 || node === undefined) return undefined;
  const inner = affine(state, node.inputs[0]);
  const made = gateActivation(state, node, inner, outer, value.base);
  return made === undefined ? undefined : { ...made, base: value.base, scale: made.scale * value.scale };
}

/** base * (the node of `inner`, scaled and shifted by `outer`), where that is an activation of base. */
function gateActivation(
  state: ImportState,
  { op }: GraphNode,
  inner: Affine,
  outer: Affine,
  base: string,
): Omit<Gated, "base"> | undefined {
  if (op.kind === "clamp") {
    const { lo, hi } = op.clamp;
    // A bound below 0 is what such a clamp always gives.
    if (inner.base !== base || lo !== 0 || hi <= 0 || outer.shift !== 0) return undefined;
    const slope = { alpha: inner.scale / hi, beta: inner.shift / hi };
    const bounded = [slope.alpha, slope.beta].every((v) => Number.isFinite(Math.fround(v)));
    if (hi === Number.POSITIVE_INFINITY || !bounded) return undefined;
    return { activation: { fn: "hard-swish", ...slope }, scale: outer.scale * hi };
  }
  if (op.kind !== "activation") return undefined;
  const { fn, alpha, beta } = op.activation;
  if (fn === "erf") {
    const half = near(inner.scale, Math.SQRT1_2) && inner.shift === 0 && near(outer.shift, outer.scale);
    if (inner.base !== base || !half) return undefined;
    return { activation: { fn: "gelu", alpha: 0, beta: 0 }, scale: 2 * outer.scale };
  }
  if (outer.shift !== 0) return undefined;
  const { scale } = outer;
  if (fn === "tanh") {
    const soft = producer(state, inner.base);
    const plain = inner.scale === 1 && inner.shift === 0;
    const softplus = soft?.op.kind === "activation" && soft.op.activation.fn === "softplus";
    if (!plain || !softplus || soft.inputs[0] !== base) return undefined;
    return { activation: { fn: "mish", alpha: 0, beta: 0 }, scale };
  }
  if (inner.base !== base) return undefined;
  if (fn === "sigmoid" && inner.shift === 0) {
    return { activation: { fn: "silu", alpha: inner.scale, beta: 0 }, scale };
  }
  if (fn === "hard-sigmoid") {
    const slope = { alpha: alpha * inner.scale, beta: alpha * inner.shift + beta };
    return { activation: { fn: "hard-swish", ...slope }, scale };
  }
  return undefined;
}

/** What a tensor is of another, seen through products with and sums of single constants; kept for all on the way. */
function affine(state: ImportState, tensor: string): Affine {
  const way: { readonly output: string; readonly step: Omit<Affine, "base"> }[] = [];
  let from = tensor;
  while (!state.affines.has(from)) {
    const node = producer(state, from);
    const step = node && singleAffine(state, node);
    if (node === undefined || step === undefined) break;
    way.push({ output: from, step });
    from = node.inputs[0];
  }
  let found = state.affines.get(from) ?? { base: from, scale: 1, shift: 0 };
  for (const { output, step } of way.reverse()) {
    const { base, scale, shift } = found;
    found = { base, scale: step.scale * scale, shift: step.scale * shift + step.shift };
    state.affines.set(output, found);
  }
  return found;
}

/** Scale and shift of a batch norm without statistics that treats all channels alike. */
function singleAffine(state: ImportState, node: GraphNode): Omit<Affine, "base"> | undefined {
  if (node.op.kind !== "batch-norm" || node.op.epsilon !== 0) return undefined;
  const [scale, shift, mean, variance] = node.inputs.slice(1).map((name) => single(state, name));
  if (scale === undefined || shift === undefined || mean !== 0 || variance !== 1) return undefined;
  return { scale, shift };
}

function single(state: ImportState, tensor: string): number | undefined {
  const data = state.tensors.get(tensor)?.data;
  return data?.every((v) => v === data[0]) ? data[0] : undefined;
}

function producer(state: ImportState, tensor: string): GraphNode | undefined {
  return state.producers.get(tensor);
}

/** Equal but for the rounding of an f32. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(b);
}
