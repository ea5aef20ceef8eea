import { makeRng } from "../../compiler/support/rng.ts";
import { model } from "../frontend/onnx-model.ts";
import { BLOCKS } from "./random-blocks.ts";
import {
  batchNorm,
  CHANNELS,
  clamp,
  convolve,
  divisors,
  type LayerMaker,
  makeNet,
  shuffled,
} from "./random-net.ts";
import { PARTS } from "./random-parts.ts";

/** A random network as an ONNX file, with inputs to run it on. */
export interface RandomNetwork {
  readonly bytes: Uint8Array;
  readonly inputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}

/**
 * `layers` random layers, each on a random earlier tensor; every tensor nobody reads is an output, and so are
 * some that are read, and some inputs. Awkward on purpose: odd channels, tiny maps, one-sided pads, dilations, ceil_mode.
 */
export function randomNetwork(seed: number, layers: number): RandomNetwork {
  const net = makeNet(makeRng(seed));
  for (let i = 0; i < layers; i++) net.pick(LAYERS)(net);
  const { nodes, weights, inputs } = net;
  const outputs = [...net.made].filter((name) => !net.read.has(name) || net.rng.next() < 0.25);
  outputs.push(...[...inputs.keys()].filter(() => net.rng.next() < 0.1));
  const shapes = Object.fromEntries([...inputs].map(([name, { shape }]) => [name, shape]));
  return { bytes: model({ inputs: shapes, outputs, nodes, weights }), inputs };
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
  shuffled(net, x, net.pick(divisors(x.shape[1])));
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
  ...BLOCKS,
  ...PARTS,
];
