import type { Graph, GraphNode, NodeOp, Tensor } from "../../graph/graph.ts";
import { NO_CLAMP } from "../../graph/graph.ts";
import { defined } from "../../support/assert.ts";
import { makeRng, type Rng } from "../../support/rng.ts";
import * as moments from "./moments.ts";

/** An activation of a network being built. */
export interface Layer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly moments: moments.Moments;
}
export interface ConvOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

/** Builds a graph layer by layer with seeded weights; every method takes the new node's name and returns its output. */
export interface NetBuilder {
  readonly input: Layer;
  /** "Same" padding for odd kernels, no bias; He-uniform weights. */
  conv(name: string, x: Layer, oc: number, options: ConvOptions): Layer;
  batchNorm(name: string, x: Layer): Layer;
  relu(name: string, x: Layer): Layer;
  add(name: string, a: Layer, b: Layer): Layer;
  concat(name: string, parts: readonly Layer[]): Layer;
  /** 3x3, stride 2, padding 1. */
  maxPool(name: string, x: Layer): Layer;
  averagePool(name: string, x: Layer): Layer;
  /** Channels of `groups` groups dealt out in turn (ShuffleNet): reshape, transpose, reshape. */
  channelShuffle(name: string, x: Layer, groups: number): Layer;
  /** Global average pool, flatten, fully connected layer. */
  classifier(x: Layer, classes: number): Layer;
  softmax(name: string, x: Layer): Layer;
  finish(name: string, output: Layer): Graph;
}

export function makeNetBuilder(inputSize: number, seed: number): NetBuilder {
  const rng = makeRng(seed);
  const nodes: GraphNode[] = [];
  const tensors = new Map<string, Tensor>();
  const emit = (
    name: string,
    op: NodeOp,
    inputs: readonly string[],
    shape: readonly number[],
    after: moments.Moments,
  ): Layer => {
    nodes.push({ name, op, inputs, output: name });
    tensors.set(name, { name, shape });
    return { name, shape, moments: after };
  };
  const constant = (name: string, shape: readonly number[], data: Float32Array): string => {
    tensors.set(name, { name, shape, data });
    return name;
  };
  const pool = (name: string, x: Layer, mode: "max" | "average"): Layer => {
    const op = { kind: "pool", mode, ...POOL, countIncludePad: false } as const;
    const after = mode === "max" ? moments.afterMaxOfNine(x.moments) : moments.afterAverage(x.moments, 9);
    return emit(name, op, [x.name], [...x.shape.slice(0, 2), ...half(x.shape)], after);
  };
  tensors.set("input", { name: "input", shape: [1, 3, inputSize, inputSize] });

  return {
    input: { name: "input", shape: [1, 3, inputSize, inputSize], moments: moments.whiteMoments(3) },

    conv(name, x, oc, { kernel, stride = 1, groups = 1 }) {
      const [n, c, h, w] = x.shape as [number, number, number, number];
      const pad = (kernel - 1) / 2;
      const shape = [oc, c / groups, kernel, kernel];
      const weights = heUniform(rng, oc * (c / groups) * kernel * kernel, (c / groups) * kernel * kernel);
      const out = (size: number): number => Math.floor((size + 2 * pad - kernel) / stride) + 1;
      return emit(
        name,
        {
          kind: "conv2d",
          strides: [stride, stride],
          pads: [pad, pad, pad, pad],
          dilations: [1, 1],
          groups,
          bias: false,
          residual: false,
          clamp: NO_CLAMP,
        },
        [x.name, constant(`${name}.weight`, shape, weights)],
        [n, oc, out(h), out(w)],
        moments.afterWeights(x.moments, weights, oc, groups),
      );
    },

    batchNorm(name, x) {
      const { mean, variance } = x.moments;
      const channels = mean.length;
      const draw = (from: (c: number) => number): Float32Array => Float32Array.from(mean, (_, c) => from(c));
      const scale = draw(() => between(rng, 0.7, 1.3));
      const bias = draw(() => between(rng, -0.3, 0.3));
      const runningMean = draw((c) => (mean[c] ?? 0) + between(rng, -0.1, 0.1) * Math.sqrt(variance[c] ?? 1));
      const runningVariance = draw((c) => (variance[c] ?? 1) * between(rng, 0.8, 1.25));
      const parameters = { weight: scale, bias, running_mean: runningMean, running_var: runningVariance };
      const names = Object.entries(parameters).map(([p, data]) => constant(`${name}.${p}`, [channels], data));
      const gain = scale.map((s, c) => s / Math.sqrt((runningVariance[c] ?? 1) + EPSILON));
      const after = {
        mean: mean.map((m, c) => (m - (runningMean[c] ?? 0)) * (gain[c] ?? 1) + (bias[c] ?? 0)),
        variance: variance.map((v, c) => v * (gain[c] ?? 1) ** 2),
      };
      return emit(name, { kind: "batch-norm", epsilon: EPSILON }, [x.name, ...names], x.shape, after);
    },

    relu: (name, x) =>
      emit(name, { kind: "clamp", clamp: RELU }, [x.name], x.shape, moments.afterRelu(x.moments)),

    add: (name, a, b) =>
      emit(
        name,
        { kind: "add", clamp: NO_CLAMP },
        [a.name, b.name],
        a.shape,
        moments.afterAdd(a.moments, b.moments),
      ),

    concat(name, parts) {
      const first = defined(parts[0], "the first part");
      const channels = parts.reduce((sum, p) => sum + (p.shape[1] as number), 0);
      return emit(
        name,
        { kind: "concat", axis: 1 },
        parts.map((p) => p.name),
        first.shape.with(1, channels),
        moments.afterConcat(parts.map((p) => p.moments)),
      );
    },

    maxPool: (name, x) => pool(name, x, "max"),
    averagePool: (name, x) => pool(name, x, "average"),

    channelShuffle(name, x, groups) {
      const [n, c, h, w] = x.shape as [number, number, number, number];
      const each = c / groups;
      const dealt = (list: Float64Array): Float64Array =>
        list.map((_, i) => list[(i % groups) * each + Math.floor(i / groups)] ?? 0);
      const after = { mean: dealt(x.moments.mean), variance: dealt(x.moments.variance) };
      const split = emit(`${name}.split`, { kind: "reshape" }, [x.name], [n, groups, each, h, w], x.moments);
      const turned = emit(
        `${name}.transpose`,
        { kind: "transpose", perm: [0, 2, 1, 3, 4] },
        [split.name],
        [n, each, groups, h, w],
        after,
      );
      return emit(name, { kind: "reshape" }, [turned.name], x.shape, after);
    },

    classifier(x, classes) {
      const [n, c, h, w] = x.shape as [number, number, number, number];
      const averaged = moments.afterAverage(x.moments, h * w);
      const pooled = emit("pool", { kind: "global-avg-pool" }, [x.name], [n, c, 1, 1], averaged);
      const flat = emit("flatten", { kind: "reshape" }, [pooled.name], [n, c], averaged);
      const weights = heUniform(rng, classes * c, c);
      const bias = Float32Array.from({ length: classes }, () => between(rng, -0.1, 0.1));
      return emit(
        "fc",
        { kind: "dense", bias: true, clamp: NO_CLAMP },
        [flat.name, constant("fc.weight", [classes, c], weights), constant("fc.bias", [classes], bias)],
        [n, classes],
        moments.afterWeights(averaged, weights, classes, 1),
      );
    },

    softmax: (name, x) => emit(name, { kind: "softmax", axis: 1 }, [x.name], x.shape, x.moments),

    finish: (name, output) => ({ name, inputs: ["input"], outputs: [output.name], nodes, tensors }),
  };
}

const EPSILON = 1e-5;
const RELU = { lo: 0, hi: Number.POSITIVE_INFINITY };
const POOL = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1] } as const;

function half(shape: readonly number[]): readonly number[] {
  return shape.slice(2).map((d) => Math.floor((d - 1) / 2) + 1);
}

function between(rng: Rng, lo: number, hi: number): number {
  return lo + (hi - lo) * rng.next();
}

/** He et al. 2015 in its uniform form: variance 2 / fanIn. No logarithms, so fast and the same on every machine. */
function heUniform(rng: Rng, count: number, fanIn: number): Float32Array {
  const bound = Math.sqrt(6 / fanIn);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = (2 * rng.next() - 1) * bound;
  return out;
}
