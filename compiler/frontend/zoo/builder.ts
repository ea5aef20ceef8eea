import type { Graph, GraphNode, NodeOp, Tensor } from "../../graph/graph.ts";
import { NO_CLAMP } from "../../graph/graph.ts";
import { defined } from "../../support/assert.ts";
import { makeRng, type Rng } from "../../support/rng.ts";
import type { ZooOptions } from "./grouping.ts";
import * as sample from "./sample.ts";

/** An activation of a network being built. */
export interface Layer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly sample: sample.Sample;
}
export interface ConvOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  /** Factor on the weights, 1 when absent. */
  readonly gain?: number;
}

/** Of a residual branch against its shortcut: keeps small differences from growing block by block. */
export const BRANCH_GAIN = 0.3;

/** Builds a graph layer by layer with seeded weights; every method takes the new node's name and returns its output. */
export interface NetBuilder {
  readonly input: Layer;
  /** "Same" padding for odd kernels, no bias; He-uniform weights. */
  conv(name: string, x: Layer, oc: number, options: ConvOptions): Layer;
  /** Statistics of the sample; scales about `gain`, below 1 where a residual branch ends, as in trained networks. */
  batchNorm(name: string, x: Layer, gain?: number): Layer;
  relu(name: string, x: Layer): Layer;
  add(name: string, a: Layer, b: Layer): Layer;
  concat(name: string, parts: readonly Layer[]): Layer;
  /** 3x3, stride 2, padding 1. */
  maxPool(name: string, x: Layer): Layer;
  averagePool(name: string, x: Layer): Layer;
  /** Channels of `groups` groups dealt out in turn (ShuffleNet): reshape, transpose, reshape. */
  channelShuffle(name: string, x: Layer, groups: number): Layer;
  /** Global average pool, flatten, fully connected layer. */
  classifier(x: Layer, classes: number, gain?: number): Layer;
  softmax(name: string, x: Layer): Layer;
  finish(name: string, output: Layer): Graph;
}

/** What holds where the user chose nothing, and the size of the noise image that batch norms are measured on. */
export interface Usual {
  readonly inputSize: number;
  readonly seed: number;
  readonly sampleSize: number;
}

export function makeNetBuilder(options: ZooOptions, usual: Usual): NetBuilder {
  const inputSize = options.inputSize ?? usual.inputSize;
  const seed = options.seed ?? usual.seed;
  const sampleSize = options.shapesOnly ? 0 : usual.sampleSize;
  const rng = makeRng(seed);
  const heUniform = (fanOut: number, fanIn: number, gain = 1): Float32Array =>
    options.shapesOnly ? new Float32Array(fanOut * fanIn) : drawHeUniform(rng, fanOut, fanIn, gain);
  const nodes: GraphNode[] = [];
  const tensors = new Map<string, Tensor>();
  const emit = (
    name: string,
    op: NodeOp,
    inputs: readonly string[],
    shape: readonly number[],
    after: sample.Sample,
  ): Layer => {
    nodes.push({ name, op, inputs, output: name });
    tensors.set(name, { name, shape });
    return { name, shape, sample: after };
  };
  const constant = (name: string, shape: readonly number[], data: Float32Array): string => {
    tensors.set(name, { name, shape, data });
    return name;
  };
  const pool = (name: string, x: Layer, mode: "max" | "average"): Layer => {
    const op = { kind: "pool", mode, ...POOL, countIncludePad: false } as const;
    return emit(name, op, [x.name], [...x.shape.slice(0, 2), ...half(x.shape)], sample.pool(x.sample, mode));
  };
  tensors.set("input", { name: "input", shape: [1, 3, inputSize, inputSize] });

  return {
    input: {
      name: "input",
      shape: [1, 3, inputSize, inputSize],
      sample: noiseImage(sampleSize, makeRng(seed + 1)),
    },

    conv(name, x, oc, { kernel, stride = 1, groups = 1, gain = 1 }) {
      const [n, c, h, w] = x.shape as [number, number, number, number];
      const pad = (kernel - 1) / 2;
      const shape = [oc, c / groups, kernel, kernel];
      const weights = heUniform(oc, (c / groups) * kernel * kernel, gain);
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
        sample.convolve(x.sample, { weights, oc, groups, kernel, stride }),
      );
    },

    batchNorm(name, x, gain = 1) {
      const { mean, variance } = sample.statistics(x.sample);
      const channels = mean.length;
      const draw = (from: (c: number) => number): Float32Array => Float32Array.from(mean, (_, c) => from(c));
      const weight = draw(() => gain * between(rng, 0.7, 1.3));
      const bias = draw(() => gain * between(rng, -0.3, 0.3));
      const parameters = { weight, bias, running_mean: mean, running_var: variance };
      const names = Object.entries(parameters).map(([p, data]) => constant(`${name}.${p}`, [channels], data));
      const factor = draw((c) => (weight[c] as number) / Math.sqrt((variance[c] as number) + EPSILON));
      const shift = draw((c) => (bias[c] as number) - (mean[c] as number) * (factor[c] as number));
      const after = sample.scaleShift(x.sample, factor, shift);
      return emit(name, { kind: "batch-norm", epsilon: EPSILON }, [x.name, ...names], x.shape, after);
    },

    relu: (name, x) =>
      emit(name, { kind: "clamp", clamp: RELU }, [x.name], x.shape, sample.rectify(x.sample)),

    add: (name, a, b) =>
      emit(name, { kind: "add", clamp: NO_CLAMP }, [a.name, b.name], a.shape, sample.sum(a.sample, b.sample)),

    concat(name, parts) {
      const first = defined(parts[0], "the first part");
      const channels = parts.reduce((sum, p) => sum + (p.shape[1] as number), 0);
      return emit(
        name,
        { kind: "concat", axis: 1 },
        parts.map((p) => p.name),
        first.shape.with(1, channels),
        sample.join(parts.map((p) => p.sample)),
      );
    },

    maxPool: (name, x) => pool(name, x, "max"),
    averagePool: (name, x) => pool(name, x, "average"),

    channelShuffle(name, x, groups) {
      const [n, c, h, w] = x.shape as [number, number, number, number];
      const each = c / groups;
      const after = sample.pickChannels(x.sample, (i) => (i % groups) * each + Math.floor(i / groups));
      const split = emit(`${name}.split`, { kind: "reshape" }, [x.name], [n, groups, each, h, w], x.sample);
      const turned = emit(
        `${name}.transpose`,
        { kind: "transpose", perm: [0, 2, 1, 3, 4] },
        [split.name],
        [n, each, groups, h, w],
        after,
      );
      return emit(name, { kind: "reshape" }, [turned.name], x.shape, after);
    },

    classifier(x, classes, gain = 1) {
      const [n, c] = x.shape as [number, number];
      const averaged = sample.average(x.sample);
      const pooled = emit("pool", { kind: "global-avg-pool" }, [x.name], [n, c, 1, 1], averaged);
      const flat = emit("flatten", { kind: "reshape" }, [pooled.name], [n, c], averaged);
      const weights = heUniform(classes, c, gain);
      const logits = sample.convolve(averaged, { weights, oc: classes, groups: 1, kernel: 1, stride: 1 });
      // Trained classifiers are near balance: without this the same few classes would always win.
      const bias = logits.data.map((logit) => between(rng, -0.1, 0.1) - logit);
      return emit(
        "fc",
        { kind: "dense", bias: true, clamp: NO_CLAMP },
        [flat.name, constant("fc.weight", [classes, c], weights), constant("fc.bias", [classes], bias)],
        [n, classes],
        logits,
      );
    },

    softmax: (name, x) => emit(name, { kind: "softmax", axis: 1 }, [x.name], x.shape, x.sample),

    finish: (name, output) => ({ name, inputs: ["input"], outputs: [output.name], nodes, tensors }),
  };
}

/** As float32 has it, so that it survives an ONNX file. */
const EPSILON = Math.fround(1e-5);
const RELU = { lo: 0, hi: Number.POSITIVE_INFINITY };
const POOL = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1] } as const;

function half(shape: readonly number[]): readonly number[] {
  return shape.slice(2).map((d) => Math.floor((d - 1) / 2) + 1);
}

function between(rng: Rng, lo: number, hi: number): number {
  return lo + (hi - lo) * rng.next();
}

/** Uniform with variance 1, about what normalised pictures have. */
function noiseImage(size: number, rng: Rng): sample.Sample {
  const data = Float32Array.from({ length: 3 * size * size }, () => between(rng, -1, 1) * Math.sqrt(3));
  return { channels: 3, height: size, width: size, data };
}

/** He et al. 2015 in its uniform form: variance 2 / fanIn. No logarithms, so fast and the same on every machine. */
function drawHeUniform(rng: Rng, fanOut: number, fanIn: number, gain: number): Float32Array {
  const bound = gain * Math.sqrt(6 / fanIn);
  const out = new Float32Array(fanOut * fanIn);
  for (let i = 0; i < out.length; i++) out[i] = (2 * rng.next() - 1) * bound;
  return out;
}
