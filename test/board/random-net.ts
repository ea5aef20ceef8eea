import type { OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { FLOAT32 } from "../../compiler/frontend/onnx/schema.ts";
import type { Rng } from "../../compiler/support/rng.ts";
import { integers, node } from "../frontend/onnx-model.ts";

export type Shape = readonly [number, number, number, number];
export interface Map2d {
  readonly name: string;
  readonly shape: Shape;
}

/** A network being built: what is there to read, and how to add to it. */
export interface Net {
  readonly rng: Rng;
  readonly nodes: OnnxNode[];
  readonly weights: OnnxTensor[];
  readonly inputs: Map<string, { readonly shape: Shape; readonly data: Float32Array }>;
  readonly maps: Map2d[];
  readonly made: Set<string>;
  readonly read: Set<string>;
  pick<T>(from: readonly T[]): T;
  /** A map that is there; mostly a late one, so that networks get deep. */
  any(): Map2d;
  add(type: string, from: readonly string[], shape: readonly number[], attributes?: Attributes): string;
  constant(dims: readonly number[], scale: number, middle?: number): string;
  list(values: readonly number[]): string;
}
type Attributes = Parameters<typeof node>[3];

export function makeNet(rng: Rng): Net {
  const nodes: OnnxNode[] = [];
  const weights: OnnxTensor[] = [];
  const maps: Map2d[] = [];
  const made = new Set<string>();
  const read = new Set<string>();
  const pick = <T>(from: readonly T[]): T => from[rng.int(from.length)];
  const n = pick([1, 1, 2, 3]);
  const inputs = new Map<string, { readonly shape: Shape; readonly data: Float32Array }>();
  for (const name of ["x0", "x1"]) {
    const [h, w] = pick(SIZES);
    const shape = [n, pick(CHANNELS), h, w] as const;
    const count = shape.reduce((a, b) => a * b, 1);
    inputs.set(name, { shape, data: Float32Array.from({ length: count }, () => rng.normal()) });
    maps.push({ name, shape });
  }
  return {
    rng,
    nodes,
    weights,
    inputs,
    maps,
    made,
    read,
    pick,
    any: () => (rng.next() < 0.5 ? maps[maps.length - 1 - rng.int(Math.min(3, maps.length))] : pick(maps)),
    add(type, from, shape, attributes = {}) {
      const name = `t${nodes.length}_${type.toLowerCase()}`;
      nodes.push(node(type, from, name, attributes));
      for (const input of from) read.add(input);
      made.add(name);
      if (shape.length === 4) maps.push({ name, shape: shape as unknown as Shape });
      return name;
    },
    constant(dims, scale, middle = 0) {
      const data = Float32Array.from(
        { length: dims.reduce((a, b) => a * b, 1) },
        () => middle + scale * rng.normal(),
      );
      const name = `w${weights.length}`;
      weights.push({ name, dims, dataType: FLOAT32, rawData: new Uint8Array(data.buffer) });
      return name;
    },
    list(values) {
      const name = `w${weights.length}`;
      weights.push(integers(name, values));
      return name;
    },
  };
}

const SIZES: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 3],
  [5, 9],
  [7, 7],
  [13, 13],
  [9, 4],
  [16, 11],
];
export const CHANNELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 18, 20, 24, 32];

/** Adds one layer or a few, or nothing where none fits. */
export type LayerMaker = (net: Net) => void;

interface ConvOptions {
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly groups?: number;
  readonly oc: number;
}

/** A convolution, and by chance a batch norm, a residual, a clamp behind it; nothing where the window does not fit. */
export function convolve(net: Net, x: Map2d, options: ConvOptions): void {
  const { kernel, strides = [1, 1], dilations = [1, 1], pads, groups = 1, oc } = options;
  const [n, c, ...size] = x.shape;
  const [oh, ow] = size.map((s, d) => out(s + pads[d] + pads[d + 2], kernel[d], strides[d], dilations[d]));
  if (oh < 1 || ow < 1) return;
  const fan = (c / groups) * kernel[0] * kernel[1];
  const inputs = [x.name, net.constant([oc, c / groups, ...kernel], 1 / Math.sqrt(fan))];
  if (net.rng.next() < 0.6) inputs.push(net.constant([oc], 0.3));
  const shape: Shape = [n, oc, oh, ow];
  let y = net.add("Conv", inputs, shape, { kernel_shape: kernel, strides, dilations, pads, group: groups });
  if (net.rng.next() < 0.3) y = batchNorm(net, y, shape);
  const equal = net.maps.filter((m) => m.name !== y && m.shape.join() === shape.join());
  if (equal.length > 0 && net.rng.next() < 0.6) y = net.add("Add", [y, net.pick(equal).name], shape);
  if (net.rng.next() >= 0.5) return;
  clamp(net, y, shape);
  const ended = net.maps[net.maps.length - 1];
  if (equal.length > 0 && net.rng.next() < 0.4) net.add("Add", [net.pick(equal).name, ended.name], shape);
}

function out(size: number, kernel: number, stride: number, dilation: number): number {
  return Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1;
}

export function batchNorm(net: Net, x: string, shape: Shape): string {
  const [scale, shift, mean] = [0, 1, 2].map(() => net.constant([shape[1]], 0.3));
  const variance = net.constant([shape[1]], 0.05, 1);
  return net.add("BatchNormalization", [x, scale, shift, mean, variance], shape, {
    epsilon: { float: 1e-5 },
  });
}

/** ReLU or Clip, or with half the chance another activation: an operator, or nodes that exporters write for one. */
export function clamp(net: Net, x: string, shape: Shape): void {
  const kind = net.rng.next();
  if (kind < 0.25) net.add("Relu", [x], shape);
  else if (kind < 0.5) net.add("Clip", [x, net.constant([], 0.1, -0.6), net.constant([], 0.1, 0.9)], shape);
  else net.pick(ACTIVATIONS)(net, x, shape);
}

type AddActivation = (net: Net, x: string, shape: Shape) => void;

/** Of opset 13. */
const ACTIVATIONS: readonly AddActivation[] = [
  ...["Sigmoid", "Tanh", "Softplus", "Erf", "Elu", "Selu", "HardSigmoid"].map(
    (type): AddActivation =>
      (net, x, shape) =>
        net.add(type, [x], shape),
  ),
  (net, x, shape) => net.add("LeakyRelu", [x], shape, { alpha: { float: 0.1 } }),
  (net, x, shape) => net.add("PRelu", [x, net.constant([shape[1], 1, 1], 0.2)], shape),
  (net, x, shape) => net.add("Mul", [x, net.add("Sigmoid", [x], shape)], shape),
  (net, x, shape) => net.add("Mul", [net.add("HardSigmoid", [x], shape), x], shape),
  (net, x, shape) => net.add("Mul", [x, net.add("Tanh", [net.add("Softplus", [x], shape)], shape)], shape),
  (net, x, shape) => {
    const scalar = (value: number): string => net.constant([], 0, value);
    const sum = net.add("Add", [x, scalar(3)], shape);
    const gate = net.add("Clip", [sum, scalar(0), scalar(6)], shape);
    net.add("Div", [net.add("Mul", [x, gate], shape), scalar(6)], shape);
  },
  (net, x, shape) => {
    const scalar = (value: number): string => net.constant([], 0, value);
    const erf = net.add("Erf", [net.add("Div", [x, scalar(Math.SQRT2)], shape)], shape);
    const gate = net.add("Add", [erf, scalar(1)], shape);
    net.add("Mul", [net.add("Mul", [x, gate], shape), scalar(0.5)], shape);
  },
];

export function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

/** Channels of `groups` groups in turns, as ShuffleNet's operation has it. Returns the name of the result. */
export function shuffled(net: Net, x: Map2d, groups: number): string {
  const [n, c, h, w] = x.shape;
  const split = net.add(
    "Reshape",
    [x.name, net.list([n, groups, c / groups, h, w])],
    [n, groups, c / groups, h, w],
  );
  const turned = net.add("Transpose", [split], [n, c / groups, groups, h, w], { perm: [0, 2, 1, 3, 4] });
  return net.add("Reshape", [turned, net.list(x.shape)], x.shape);
}
