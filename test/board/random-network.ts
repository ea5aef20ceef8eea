import type { OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { FLOAT32 } from "../../compiler/frontend/onnx/schema.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { integers, model, node } from "../frontend/onnx-model.ts";

/** A random network as an ONNX file, with inputs to run it on. */
export interface RandomNetwork {
  readonly bytes: Uint8Array;
  readonly inputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}
type Shape = readonly [number, number, number, number];
interface Map2d {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * `layers` random layers, each on a random earlier tensor; every tensor nobody reads is an output, and so are
 * some that are read. Awkward on purpose: odd channels, tiny maps, one-sided pads, dilations, ceil_mode.
 */
export function randomNetwork(seed: number, layers: number): RandomNetwork {
  const net = makeNet(makeRng(seed));
  for (let i = 0; i < layers; i++) net.pick(LAYERS)(net);
  const outputs = [...net.made].filter((name) => !net.read.has(name) || net.rng.next() < 0.25);
  const { nodes, weights, inputs } = net;
  const shapes = Object.fromEntries([...inputs].map(([name, { shape }]) => [name, shape]));
  return { bytes: model({ inputs: shapes, outputs, nodes, weights }), inputs };
}

/** A network being built: what is there to read, and how to add to it. */
interface Net {
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

function makeNet(rng: Rng): Net {
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
const CHANNELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 18, 20, 24, 32];

type LayerMaker = (net: Net) => void;

interface ConvOptions {
  readonly kernel: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly groups?: number;
  readonly oc: number;
}

/** A convolution, and by chance a batch norm, a residual, a clamp behind it; nothing where the window does not fit. */
function convolve(net: Net, x: Map2d, options: ConvOptions): void {
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
  if (net.rng.next() < 0.5) clamp(net, y, shape);
}

function out(size: number, kernel: number, stride: number, dilation: number): number {
  return Math.floor((size - dilation * (kernel - 1) - 1) / stride) + 1;
}

function batchNorm(net: Net, x: string, shape: Shape): string {
  const [scale, shift, mean] = [0, 1, 2].map(() => net.constant([shape[1]], 0.3));
  const variance = net.constant([shape[1]], 0.05, 1);
  return net.add("BatchNormalization", [x, scale, shift, mean, variance], shape, {
    epsilon: { float: 1e-5 },
  });
}

function clamp(net: Net, x: string, shape: Shape): void {
  if (net.rng.next() < 0.5) net.add("Relu", [x], shape);
  else net.add("Clip", [x, net.constant([], 0.1, -0.6), net.constant([], 0.1, 0.9)], shape);
}

const anyConv: LayerMaker = (net) => {
  const x = net.any();
  const { pick } = net;
  const c = x.shape[1];
  const groups = pick(divisors(c));
  const side = (): number => pick([0, 0, 1, 1, 2, 3]);
  convolve(net, x, {
    kernel: [pick([1, 2, 3, 3, 4, 5, 7]), pick([1, 2, 3, 3, 5, 6])],
    strides: [pick([1, 1, 2, 3]), pick([1, 1, 2, 3])],
    dilations: [pick([1, 1, 2]), pick([1, 1, 3])],
    pads: [side(), side(), side(), side()],
    groups,
    oc: groups * pick([1, 1, 2, 3, 4, 5, 8].filter((m) => m * groups <= 40).concat(1)),
  });
};

/** 3x3 of stride 1, mostly of the same size, as in most networks: what Winograd's tiles are for. */
const sameConv: LayerMaker = (net) => {
  const x = net.any();
  const c = x.shape[1];
  const groups = net.pick([1, 1, 1, ...divisors(c)]);
  const pads = net.pick([
    [1, 1, 1, 1],
    [1, 1, 1, 1],
    [0, 0, 0, 0],
    [0, 1, 2, 0],
  ] as const);
  const same =
    net.rng.next() < 0.5 ? c : groups * net.pick([1, 2, 3, 4, 8].filter((m) => m * groups <= 40).concat(1));
  convolve(net, x, { kernel: [3, 3], pads, groups, oc: same });
};

const pointwise: LayerMaker = (net) => {
  convolve(net, net.any(), { kernel: [1, 1], pads: [0, 0, 0, 0], oc: net.pick(CHANNELS) });
};

/** Both of one tensor with different pads: a halo that must suit each reader. */
const branches: LayerMaker = (net) => {
  const x = net.any();
  const oc = net.pick(CHANNELS);
  const names: string[] = [];
  for (const k of [1, 3, 5]) {
    const p = (k - 1) / 2;
    convolve(net, x, { kernel: [k, k], pads: [p, p, p, p], oc });
    names.push(net.maps[net.maps.length - 1].name);
  }
  const [n, , h, w] = x.shape;
  if (net.rng.next() < 0.7) net.add("Concat", names, [n, 3 * oc, h, w], { axis: 1 });
};

const pool: LayerMaker = (net) => {
  const x = net.any();
  const { pick } = net;
  const [n, c, ...size] = x.shape;
  const max = net.rng.next() < 0.5;
  const kernel = [pick([1, 2, 3]), pick([2, 3, 4])];
  const strides = [pick([1, 2, 3]), pick([1, 2])];
  const dilations = max ? [pick([1, 1, 2]), 1] : [1, 1];
  const pads = [0, 1, 2, 3].map((i) => (net.rng.next() < 0.5 ? Math.min(1, kernel[i % 2] - 1) : 0));
  const ceil = pick([0, 1]);
  const [oh, ow] = size.map((s, d) => {
    const span = s + pads[d] + pads[d + 2] - dilations[d] * (kernel[d] - 1) - 1;
    const floor = Math.floor(span / strides[d]) + 1;
    const more = span < 0 ? 0 : Math.ceil(span / strides[d]) + 1;
    return ceil === 1 && (more - 1) * strides[d] < s + pads[d] ? more : floor;
  });
  if (oh < 1 || ow < 1) return;
  // A window of nothing but padding is refused.
  const taps = (d: number, at: number): number[] =>
    Array.from({ length: kernel[d] }, (_, k) => at * strides[d] - pads[d] + k * dilations[d]);
  const touches = (d: number, at: number): boolean => taps(d, at).some((tap) => tap >= 0 && tap < size[d]);
  if (
    ![oh, ow].every((places, d) =>
      Array.from({ length: places }, (_, at) => at).every((at) => touches(d, at)),
    )
  )
    return;
  const window = { kernel_shape: kernel, strides, pads, ceil_mode: ceil };
  const shape = [n, c, oh, ow];
  if (max) net.add("MaxPool", [x.name], shape, { ...window, dilations });
  else
    net.add("AveragePool", [x.name], shape, { ...window, count_include_pad: ceil === 1 ? 0 : pick([0, 1]) });
};

const shuffle: LayerMaker = (net) => {
  const x = net.any();
  const [n, c, h, w] = x.shape;
  const groups = net.pick(divisors(c));
  const dims = [n, groups, c / groups, h, w];
  const split = net.add("Reshape", [x.name, net.list(dims)], dims);
  const turned = net.add("Transpose", [split], [n, c / groups, groups, h, w], { perm: [0, 2, 1, 3, 4] });
  net.add("Reshape", [turned, net.list(x.shape)], x.shape);
};

const join: LayerMaker = (net) => {
  const x = net.any();
  const fitting = net.maps.filter(({ shape }) => [0, 2, 3].every((d) => shape[d] === x.shape[d]));
  const parts = Array.from({ length: 2 + net.rng.int(2) }, () => net.pick(fitting));
  const c = parts.reduce((sum, part) => sum + part.shape[1], 0);
  if (c > 60) return;
  const [n, , h, w] = x.shape;
  const y = net.add(
    "Concat",
    parts.map((part) => part.name),
    [n, c, h, w],
    { axis: 1 },
  );
  if (net.rng.next() < 0.4) clamp(net, y, [n, c, h, w]);
};

const sum: LayerMaker = (net) => {
  const x = net.any();
  const y = net.pick(net.maps.filter(({ shape }) => shape.join() === x.shape.join()));
  const z = net.add("Add", [x.name, y.name], x.shape);
  if (net.rng.next() < 0.5) clamp(net, z, x.shape);
};

const alone: LayerMaker = (net) => {
  const x = net.any();
  if (net.rng.next() < 0.5) clamp(net, x.name, x.shape);
  else batchNorm(net, x.name, x.shape);
};

const head: LayerMaker = (net) => {
  const x = net.any();
  const [n, c] = x.shape;
  const mean = net.add("GlobalAveragePool", [x.name], [n, c, 1, 1]);
  const flat = net.add("Flatten", [mean], [n, c], { axis: 1 });
  const classes = net.pick([1, 3, 10]);
  const inputs = [flat, net.constant([classes, c], 1 / Math.sqrt(c)), net.constant([classes], 0.3)];
  const scores = net.add("Gemm", inputs, [n, classes], { transB: 1 });
  if (net.rng.next() < 0.5) net.add("Softmax", [scores], [n, classes], { axis: 1 });
};

const LAYERS: readonly LayerMaker[] = [
  ...[anyConv, anyConv, anyConv, anyConv, sameConv, sameConv, sameConv, pointwise, branches],
  ...[pool, pool, shuffle, join, sum, alone, head],
];

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}
