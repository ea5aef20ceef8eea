import { activationRange } from "../ops/activation/activations.ts";
import { assertNever } from "../support/assert.ts";
import { type Stage, stagesOf } from "./epilogue.ts";
import { type Clamp, type Epilogue, type Graph, type GraphNode, NO_CLAMP, type Resample } from "./graph.ts";
import { isSearch } from "./search-ops.ts";

/** Bounds that hold for every element of each activation, as far as clamps and averages tell. */
export function valueBounds(graph: Graph): ReadonlyMap<string, Clamp> {
  const bounds = new Map<string, Clamp>();
  for (const { op, inputs } of graph.nodes) {
    const data = op.kind === "constant" ? graph.tensors.get(inputs[0])?.data : undefined;
    if (data !== undefined) bounds.set(inputs[0], rangeOfData(data));
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => bounds.get(name) ?? NO_CLAMP);
    bounds.set(node.output, boundsOf(node, inputs));
  }
  return bounds;
}

function boundsOf(node: GraphNode, inputs: readonly Clamp[]): Clamp {
  const { op } = node;
  const stored = (computed: Clamp): Clamp =>
    stagesOf(node).reduce((bounds, stage) => boundsAfter(stage, bounds, inputs), computed);
  if (isSearch(op)) return NO_CLAMP;
  switch (op.kind) {
    case "conv2d":
      // of maxima the bounds are the map's
      return op.behind?.mode === "depthwise" ? ended(op.behind) : stored(NO_CLAMP);
    case "dynamic-conv2d":
    case "matmul":
    case "mul":
    case "dense":
    case "instance-norm":
    case "elementwise":
    case "activation":
      return stored(NO_CLAMP);
    case "clamp":
      return stored(inputs[0]);
    case "where":
      return union(inputs.slice(1));
    case "add":
      return stored(sum(inputs[0], inputs[1]));
    case "pool":
      return op.mode === "average" ? union([inputs[0], { lo: 0, hi: 0 }]) : inputs[0];
    case "global-avg-pool":
    case "reshape":
    case "transpose":
    case "slice":
    case "gather":
    case "constant":
    case "depth-to-space":
    case "space-to-depth":
      return inputs[0];
    case "pad":
      return union([inputs[0], { lo: op.value, hi: op.value }]);
    case "resample":
      return resampled(op, inputs[0]);
    case "concat":
      return union(inputs);
    case "softmax":
      return op.result === "log" ? { lo: Number.NEGATIVE_INFINITY, hi: 0 } : { lo: 0, hi: 1 };
    case "reduce":
      return op.fn === "mean" || op.fn === "max" || op.fn === "min" ? inputs[0] : NO_CLAMP;
    case "batch-norm":
    case "frame":
    case "layer-norm":
    case "lrn":
    case "prelu":
    case "recurrent":
    case "sample":
      return NO_CLAMP;
    default:
      return assertNever(op);
  }
}

/** Sums with no bounds of their own, and what is done to them. */
function ended({ activation, clamp }: Epilogue): Clamp {
  return within((activation && activationRange(activation.fn)) ?? NO_CLAMP, clamp);
}

/** Of sums that weigh nothing below 0 no more than the sign is known: rounded, their weights are more than one together. */
function resampled({ axes }: Resample, { lo }: Clamp): Clamp {
  const adds = axes.every(({ weights }) => weights.every((w) => w >= 0));
  return adds && lo >= 0 ? { ...NO_CLAMP, lo: 0 } : NO_CLAMP;
}

function boundsAfter(stage: Stage, before: Clamp, inputs: readonly Clamp[]): Clamp {
  switch (stage.kind) {
    case "bias":
      return NO_CLAMP;
    case "residual":
      return sum(before, inputs[stage.operand]);
    case "activation":
      return activationRange(stage.activation.fn) ?? NO_CLAMP;
    case "clamp":
      return within(before, stage.clamp);
    default:
      return assertNever(stage);
  }
}

function rangeOfData(data: Float32Array): Clamp {
  const [lo, hi] = [Math.min, Math.max].map((pick) => data.reduce((a, b) => pick(a, b), data[0]));
  return { lo, hi };
}

function within(a: Clamp, clamp: Clamp): Clamp {
  const bound = (v: number): number => Math.min(Math.max(v, clamp.lo), clamp.hi);
  return { lo: bound(a.lo), hi: bound(a.hi) };
}

function sum(a: Clamp, b: Clamp): Clamp {
  return { lo: a.lo + b.lo, hi: a.hi + b.hi };
}

/** Bounds of what may be any of several. */
export function union(all: readonly Clamp[]): Clamp {
  return { lo: Math.min(...all.map((c) => c.lo)), hi: Math.max(...all.map((c) => c.hi)) };
}
