import { NO_CLAMP } from "../../graph/graph.ts";
import { between, type Emitter, type Layer } from "./emitter.ts";
import type { ConvOptions, NetBuilder } from "./net-builder.ts";
import * as sample from "./sample.ts";
import { convolve, type SampleConv } from "./sample-window.ts";
import { windowedShape } from "./window.ts";

/** Layers with weights: what they draw, in which order, decides the numbers of a network. */
export function weightedLayers(
  net: Emitter,
): Pick<NetBuilder, "conv" | "biasedConv" | "batchNorm" | "dense"> {
  return {
    conv(name, x, oc, options) {
      const conv = draw(net, x, oc, options);
      return emitConv(net, name, x, conv, convolve(x.sample, conv));
    },
    biasedConv: (name, x, oc, options) => biasedConv(net, name, x, oc, options),
    batchNorm: (name, x, gain = 1) => batchNorm(net, name, x, gain),
    dense: (name, x, oc, gain = 1) => dense(net, name, x, oc, gain),
  };
}

function draw(net: Emitter, x: Layer, oc: number, options: ConvOptions): SampleConv {
  const { kernel, stride = 1, groups = 1, pad = (kernel - 1) / 2, gain = 1 } = options;
  const fanIn = (channelsOf(x) / groups) * kernel * kernel;
  return { weights: net.weights(oc, fanIn, gain), oc, groups, kernel, stride, pad };
}

function emitConv(
  net: Emitter,
  name: string,
  x: Layer,
  conv: SampleConv,
  after: sample.Sample,
  bias?: Float32Array,
): Layer {
  const { oc, groups, kernel, stride, pad, weights } = conv;
  const weight = net.constant(`${name}.weight`, [oc, channelsOf(x) / groups, kernel, kernel], weights);
  return net.emit(
    name,
    {
      kind: "conv2d",
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      dilations: [1, 1],
      groups,
      bias: bias !== undefined,
      residual: false,
      clamp: NO_CLAMP,
    },
    [x.name, weight, ...(bias === undefined ? [] : [net.constant(`${name}.bias`, [oc], bias)])],
    windowedShape(x.shape, oc, conv),
    after,
  );
}

function biasedConv(
  net: Emitter,
  name: string,
  x: Layer,
  oc: number,
  { gain = 1, ...options }: ConvOptions,
): Layer {
  const drawn = draw(net, x, oc, options);
  const response = convolve(x.sample, drawn);
  // One value for each channel, behind a global pool, says nothing of how values vary.
  const varies = response.height * response.width > 1;
  const factor = gain / (varies ? Math.sqrt(sample.spread(response) + EPSILON) : 1);
  const { mean } = sample.statistics(response);
  const bias = mean.map((m) => gain * between(net.rng, -0.3, 0.3) - factor * m);
  const conv = { ...drawn, weights: drawn.weights.map((w) => w * factor) };
  const after = sample.scaleShift(response, new Float32Array(oc).fill(factor), bias);
  return emitConv(net, name, x, conv, after, bias);
}

function batchNorm(net: Emitter, name: string, x: Layer, gain: number): Layer {
  const { mean, variance } = sample.statistics(x.sample);
  const perChannel = (from: (c: number) => number): Float32Array =>
    Float32Array.from(mean, (_, c) => from(c));
  const weight = perChannel(() => gain * between(net.rng, 0.7, 1.3));
  const bias = perChannel(() => gain * between(net.rng, -0.3, 0.3));
  const parameters = { weight, bias, running_mean: mean, running_var: variance };
  const names = Object.entries(parameters).map(([p, data]) =>
    net.constant(`${name}.${p}`, [mean.length], data),
  );
  const factor = perChannel((c) => (weight[c] as number) / Math.sqrt((variance[c] as number) + EPSILON));
  const shift = perChannel((c) => (bias[c] as number) - (mean[c] as number) * (factor[c] as number));
  const after = sample.scaleShift(x.sample, factor, shift);
  return net.emit(name, { kind: "batch-norm", epsilon: EPSILON }, [x.name, ...names], x.shape, after);
}

function dense(net: Emitter, name: string, x: Layer, oc: number, gain: number): Layer {
  const [n, c] = x.shape as [number, number];
  const weights = net.weights(oc, c, gain);
  const response = convolve(x.sample, { weights, oc, groups: 1, kernel: 1, stride: 1, pad: 0 });
  // Trained classifiers are near balance: without this the same few classes would always win.
  const bias = response.data.map((v) => between(net.rng, -0.1, 0.1) - v);
  const after = sample.scaleShift(response, new Float32Array(oc).fill(1), bias);
  return net.emit(
    name,
    { kind: "dense", bias: true, clamp: NO_CLAMP },
    [x.name, net.constant(`${name}.weight`, [oc, c], weights), net.constant(`${name}.bias`, [oc], bias)],
    [n, oc],
    after,
  );
}

/** As float32 has it, so that it survives an ONNX file. */
const EPSILON = Math.fround(1e-5);

function channelsOf({ shape }: Layer): number {
  return shape[1] as number;
}
