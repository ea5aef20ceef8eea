import { node } from "../frontend/onnx-model.ts";
import {
  CHANNELS,
  convolve,
  divisors,
  type LayerMaker,
  type Map2d,
  type Net,
  type Shape,
} from "./random-net.ts";

/** Some of a map's channels, rows or columns; mostly channels. */
const slice: LayerMaker = (net) => {
  const x = net.any();
  const axis = net.pick([1, 1, 2, 3]);
  const start = net.rng.int(x.shape[axis]);
  const end = start + 1 + net.rng.int(x.shape[axis] - start);
  const lists = [[start], [end], [axis]].map(net.list);
  net.add("Slice", [x.name, ...lists], withSize(x.shape, axis, end - start));
};

/** Two parts; what follows reads one of them, or they come together again the other way round. */
const split: LayerMaker = (net) => {
  const x = net.any();
  const axis = net.pick([1, 1, 1, 2, 3]);
  if (x.shape[axis] < 2) return;
  const first = 1 + net.rng.int(x.shape[axis] - 1);
  const sizes = [first, x.shape[axis] - first];
  const names = sizes.map((_, i) => `t${net.nodes.length}_split${i}`);
  net.nodes.push(node("Split", [x.name, net.list(sizes)], names[0], { axis }, names.slice(1)));
  net.read.add(x.name);
  names.forEach((name, i) => {
    net.made.add(name);
    net.maps.push({ name, shape: withSize(x.shape, axis, sizes[i]) });
  });
  if (net.rng.next() < 0.4) net.add("Concat", [names[1], names[0]], x.shape, { axis });
};

/** By another map, by itself, or by one value for each channel of each image. */
const product: LayerMaker = (net) => {
  const x = net.any();
  const [n, c] = x.shape;
  const equal = net.maps.filter(({ shape }) => shape.join() === x.shape.join());
  const gate = (): string =>
    net.add("Sigmoid", [net.add("GlobalAveragePool", [x.name], [n, c, 1, 1])], [n, c, 1, 1]);
  net.add("Mul", [x.name, net.rng.next() < 0.5 ? gate() : net.pick(equal).name], x.shape);
};

/** An image as networks are given it: few channels, any size, and one to three convolutions that read it. */
const firstLayers: LayerMaker = (net) => {
  const x = image(net);
  const readers = net.pick([1, 1, 2, 3]);
  for (let i = 0; i < readers; i++) {
    const k = net.pick([1, 2, 3, 3, 3, 5, 7]);
    const pad = net.pick([0, (k - 1) >> 1, (k - 1) >> 1]);
    const stride = net.pick([1, 1, 2, 3]);
    const dilation = net.pick([1, 1, 1, 2]);
    const groups = net.pick([1, 1, 1, ...divisors(x.shape[1])]);
    convolve(net, x, {
      kernel: [k, k],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: [pad, pad, pad, pad],
      groups,
      oc: groups * net.pick(CHANNELS),
    });
  }
  if (!net.read.has(x.name)) net.add("Relu", [x.name], x.shape);
};

/** Another input of the network. */
function image(net: Net): Map2d {
  const [n] = net.maps[0].shape;
  const side = (): number => 1 + net.rng.int(31);
  const shape = [n, net.pick([1, 2, 3, 3, 4, 5, 7]), side(), side()] as const;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => net.rng.normal());
  const name = `x${net.inputs.size}`;
  net.inputs.set(name, { shape, data });
  const map = { name, shape };
  net.maps.push(map);
  return map;
}

function withSize(shape: Shape, axis: number, size: number): Shape {
  const [n, c, h, w] = shape.map((d, i) => (i === axis ? size : d));
  return [n, c, h, w];
}

/** Parts of maps, products of maps, and first layers. */
export const PARTS: readonly LayerMaker[] = [slice, split, product, firstLayers, firstLayers];
