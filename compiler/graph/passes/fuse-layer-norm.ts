import { type Draft, rebuild } from "../draft.ts";
import { endsPlainly, isNoClamp } from "../epilogue.ts";
import type { ElementwiseOp, Graph, GraphNode } from "../graph.ts";
import { batchNormAffine } from "./fold-batch-norm.ts";

/**
 * A layer norm over the last axis as exporters write it, (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) in nodes of their
 * own, is one node; a product with and a sum of constants along that axis behind it become its scale and shift.
 */
export function fuseLayerNorm(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const found = layerNorm(node, draft);
    if (found === undefined) {
      draft.push(withAffine(node, draft) ?? node);
      return;
    }
    const { x, epsilon } = found;
    const shape = draft.shape(x);
    const [K] = shape.slice(-1);
    const scale = draft.addTensor(`${node.output}/scale`, [K], new Float32Array(K).fill(1));
    const shift = draft.addTensor(`${node.output}/shift`, [K], new Float32Array(K));
    const op = { kind: "layer-norm", axis: shape.length - 1, epsilon } as const;
    draft.push({ ...node, op, inputs: [x, scale, shift] });
  });
}

/** The tensor that a quotient normalises; the nodes between are left to who else reads them, else they are dead. */
function layerNorm(
  node: GraphNode,
  draft: Draft,
): { readonly x: string; readonly epsilon: number } | undefined {
  if (!isPlain(node, "div")) return undefined;
  const [off, deviation] = node.inputs.map((name) => draft.producer(name));
  if (off === undefined || !isPlain(off, "sub")) return undefined;
  const [x, mean] = off.inputs;
  if (!isMean(draft.producer(mean), x, draft)) return undefined;
  const safe = functionOf(deviation, "sqrt") ?? functionOf(deviation, "power", 0.5);
  const added = safe === undefined ? undefined : addedConstant(draft.producer(safe), draft);
  if (added === undefined) return undefined;
  const variance = draft.producer(added.of);
  const squared = variance && draft.producer(variance.inputs[0]);
  if (squared === undefined || !isMean(variance, squared.output, draft)) return undefined;
  const square = functionOf(squared, "power", 2) === off.output || isSquare(squared, off.output);
  return square && added.value >= 0 ? { x, epsilon: added.value } : undefined;
}

function isPlain({ op }: GraphNode, fn: ElementwiseOp["fn"]): boolean {
  if (op.kind !== "elementwise" || op.fn !== fn) return false;
  return op.constant === undefined && endsPlainly(op);
}

function isSquare({ op, inputs }: GraphNode, of: string): boolean {
  return op.kind === "mul" && op.residual === false && inputs[0] === of && inputs[1] === of;
}

/** Whether a node is the mean of `x` along its last axis, which the result keeps. */
function isMean(node: GraphNode | undefined, x: string, draft: Draft): boolean {
  if (node?.op.kind !== "reduce" || node.op.fn !== "mean" || node.inputs[0] !== x) return false;
  const rank = draft.shape(x).length;
  return node.op.axes.join() === String(rank - 1) && draft.shape(node.output).length === rank;
}

/** What a function of one value is of. */
function functionOf(node: GraphNode | undefined, fn: "sqrt" | "power", alpha = 0): string | undefined {
  if (node?.op.kind !== "activation" || !isNoClamp(node.op.clamp)) return undefined;
  return node.op.activation.fn === fn && node.op.activation.alpha === alpha ? node.inputs[0] : undefined;
}

/** A tensor and the one number that is added to all of it. */
function addedConstant(
  node: GraphNode | undefined,
  draft: Draft,
): { readonly of: string; readonly value: number } | undefined {
  if (node?.op.kind === "activation") {
    const { fn, alpha, beta } = node.op.activation;
    const adds = fn === "affine" && alpha === 1 && isNoClamp(node.op.clamp);
    return adds ? { of: node.inputs[0], value: beta } : undefined;
  }
  if (node?.op.kind !== "batch-norm") return undefined;
  const { scale, shift } = batchNormAffine(node.op, node.inputs, (name) => draft.constant(name));
  const alike = scale.every((v) => v === 1) && shift.every((v) => v === shift[0]);
  return alike ? { of: node.inputs[0], value: shift[0] } : undefined;
}

/** The layer norm before a product with or a sum of constants along its axis, with them. */
function withAffine(node: GraphNode, draft: Draft): GraphNode | undefined {
  const before = draft.isOnlyUse(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
  if (before?.op.kind !== "layer-norm") return undefined;
  const [K] = draft.shape(before.inputs[1]);
  const by = affineOf(node, draft, K, before.op.axis);
  const [scale, shift] = before.inputs.slice(1).map((name) => draft.constant(name));
  if (by === undefined || scale === undefined || shift === undefined) return undefined;
  const made = [
    draft.addTensor(
      `${node.output}/scale`,
      [K],
      scale.map((v, k) => v * by.scale(k)),
    ),
    draft.addTensor(
      `${node.output}/shift`,
      [K],
      shift.map((v, k) => v * by.scale(k) + by.shift(k)),
    ),
  ];
  draft.remove(before);
  return { ...before, name: node.name, inputs: [before.inputs[0], ...made], output: node.output };
}

interface Along {
  readonly scale: (k: number) => number;
  readonly shift: (k: number) => number;
}

function affineOf({ op, inputs }: GraphNode, draft: Draft, K: number, axis: number): Along | undefined {
  if (op.kind === "batch-norm" && axis === 1 && draft.shape(inputs[0]).length === 2) {
    const { scale, shift } = batchNormAffine(op, inputs, (name) => draft.constant(name));
    return { scale: (k) => scale[k], shift: (k) => shift[k] };
  }
  if (op.kind !== "elementwise" || op.constant === undefined || !endsPlainly(op)) return undefined;
  const data = draft.constant(inputs[1]);
  const shape = draft.shape(inputs[1]);
  const fits = data?.length === K && shape.slice(0, axis).every((d) => d === 1);
  if (data === undefined || !fits) return undefined;
  if (op.fn === "mul") return { scale: (k) => data[k], shift: () => 0 };
  return op.fn === "add" ? { scale: () => 1, shift: (k) => data[k] } : undefined;
}
