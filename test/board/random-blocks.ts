import { clamp, convolve, divisors, type LayerMaker, type Map2d, type Net, shuffled } from "./random-net.ts";

/** The map that was made last. */
function last(net: Net): Map2d {
  return net.maps[net.maps.length - 1];
}

const POINT = { kernel: [1, 1], pads: [0, 0, 0, 0] } as const;
const SAME = { kernel: [3, 3], pads: [1, 1, 1, 1] } as const;

/** Groups of one width after groups of another: each wants its own order of channels in lanes. */
const regrouped: LayerMaker = (net) => {
  const c = net.pick([8, 12, 16, 18, 24, 32, 36, 48]);
  convolve(net, net.any(), { ...POINT, oc: c });
  const first = last(net);
  if (first.shape[1] !== c) return;
  const widths = divisors(c);
  for (let i = 0; i < 2 + net.rng.int(2); i++) {
    convolve(net, last(net), { ...SAME, groups: c / net.pick(widths), oc: c });
    if (net.rng.next() < 0.4) shuffled(net, last(net), net.pick(widths));
  }
  if (net.rng.next() < 0.5) convolve(net, last(net), { ...POINT, oc: net.pick([7, 10, 16]) });
  else net.add("Add", [last(net).name, first.name], first.shape);
};

/** ShuffleNet's unit: grouped pointwise, shuffle, depthwise, grouped pointwise, and a sum or a join with a pool. */
const shuffleUnit: LayerMaker = (net) => {
  const x = net.any();
  const [n, c, h, w] = x.shape;
  const groups = net.pick(divisors(c).filter((g) => g <= 8));
  const stride = net.pick([1, 2]);
  const middle = groups * net.pick([1, 2, 4]);
  convolve(net, x, { ...POINT, groups, oc: middle });
  shuffled(net, last(net), groups);
  convolve(net, last(net), { ...SAME, strides: [stride, stride], groups: middle, oc: middle });
  convolve(net, last(net), { ...POINT, groups, oc: c });
  const y = last(net);
  if (stride === 1) {
    net.add("Add", [x.name, y.name], x.shape);
    return;
  }
  const shape = [n, c, Math.floor((h - 1) / 2) + 1, Math.floor((w - 1) / 2) + 1];
  const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 0 };
  const pooled = net.add("AveragePool", [x.name], shape, window);
  if (2 * c <= 64) net.add("Concat", [pooled, y.name], [n, 2 * c, ...shape.slice(2)], { axis: 1 });
};

/** MobileNet-V2's block: wide in the middle, a residual around. */
const inverted: LayerMaker = (net) => {
  const x = net.any();
  const c = x.shape[1];
  const wide = c * net.pick([2, 3, 6].filter((m) => m * c <= 96).concat(1));
  convolve(net, x, { ...POINT, oc: wide });
  convolve(net, last(net), { ...SAME, groups: wide, oc: wide });
  convolve(net, last(net), { ...POINT, oc: c });
  net.add("Add", [last(net).name, x.name], x.shape);
};

/** ResNeXt's block, its last part read twice: by a dense convolution and by a join. */
const bottleneck: LayerMaker = (net) => {
  const x = net.any();
  const c = net.pick([8, 12, 16, 32]);
  convolve(net, x, { ...POINT, oc: c });
  convolve(net, last(net), { ...SAME, groups: net.pick(divisors(c)), oc: c });
  const middle = last(net);
  convolve(net, middle, { ...POINT, oc: x.shape[1] });
  const y = last(net);
  net.add("Add", [y.name, x.name], x.shape);
  if (c + x.shape[1] > 64) return;
  const shape = [x.shape[0], c + x.shape[1], x.shape[2], x.shape[3]] as const;
  const joined = net.add("Concat", [middle.name, last(net).name], shape, { axis: 1 });
  if (net.rng.next() < 0.5) clamp(net, joined, shape);
};

/** Channels' shares at each pixel, and a global mean that stays a map of one pixel. */
const shares: LayerMaker = (net) => {
  const x = net.any();
  const [n, c] = x.shape;
  const soft = net.add("Softmax", [x.name], x.shape, { axis: net.pick([1, 1, 3]) });
  const mean = net.add("GlobalAveragePool", [soft], [n, c, 1, 1]);
  convolve(net, { name: mean, shape: [n, c, 1, 1] }, { ...POINT, oc: net.pick([3, 16, 20]) });
};

/** DenseNet's block: a list that grows, joined anew for each layer or onto the join before; its parts have readers of their own. */
const dense: LayerMaker = (net) => {
  const x = net.any();
  const [n, , h, w] = x.shape;
  const onto = net.rng.next() < 0.5;
  const parts = [x];
  let all = x;
  for (let i = 0; i < 2 + net.rng.int(2); i++) {
    const growth = net.pick([4, 8, 8, 12, 16]);
    convolve(net, net.rng.next() < 0.7 ? all : parts[i], { ...net.pick([SAME, POINT]), oc: growth });
    const made = last(net);
    if (all.shape[1] + made.shape[1] > 96 || made.shape.slice(2).join() !== [h, w].join()) return;
    const shape = [n, all.shape[1] + made.shape[1], h, w] as const;
    const joined = onto ? [all, made] : [...parts, made];
    parts.push(made);
    const names = joined.map(({ name }) => name);
    all = { name: net.add("Concat", names, shape, { axis: 1 }), shape };
  }
};

/** YOLO's block: half of the channels go on, and all that is made of them is joined with both halves. */
const halves: LayerMaker = (net) => {
  const x = net.any();
  const [n, , h, w] = x.shape;
  const half = net.pick([8, 16, 16, 32]);
  convolve(net, x, { ...POINT, oc: 2 * half });
  const both = last(net);
  if (both.shape[1] !== 2 * half) return;
  const shape = [n, half, h, w] as const;
  const part = (start: number): Map2d => {
    const ends = [start, start + half, 1].map((value) => net.list([value]));
    return { name: net.add("Slice", [both.name, ends[0], ends[1], ends[2]], shape), shape };
  };
  const parts = [part(0), part(half)];
  for (let i = 0; i < 1 + net.rng.int(2); i++) {
    convolve(net, parts[parts.length - 1], { ...SAME, oc: half });
    if (last(net).shape.join() !== shape.join()) return;
    parts.push(last(net));
  }
  const names = parts.map(({ name }) => name);
  net.add("Concat", names, [n, half * parts.length, h, w], { axis: 1 });
};

/** Pieces of networks that are known to hurt: what one layer leaves is not what the next would like. */
export const BLOCKS: readonly LayerMaker[] = [
  regrouped,
  regrouped,
  shuffleUnit,
  inverted,
  bottleneck,
  dense,
  dense,
  halves,
  halves,
  shares,
];
