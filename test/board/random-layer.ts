import type { Clamp, Pads, Residual } from "../../compiler/graph/graph.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { type GraphBuilder, RELU, windowCount } from "../graph/graph-builder.ts";

type Pair = readonly [number, number];
interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly pads: Pads;
}
/** One layer, as `seed` has it: an operator on an input of its own, and what is fused into it. */
export interface RandomLayer extends Window {
  readonly seed: number;
  readonly kind: "conv" | "max-pool" | "average-pool" | "global-pool";
  /** [N, C, H, W] */
  readonly input: readonly [number, number, number, number];
  readonly oc: number;
  readonly groups: number;
  readonly bias: boolean;
  readonly batchNorm: boolean;
  readonly residual: Residual;
  /** A leaky ReLU with a slope for each channel. */
  readonly slopes: boolean;
  readonly clamp: Clamp | undefined;
  readonly countIncludePad: boolean;
}

const RELU6: Clamp = { lo: 0, hi: 6 };
const LEAST: Clamp = { lo: -0.75, hi: Number.POSITIVE_INFINITY };
const POINT: Window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] };
const CHANNELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17, 20, 24, 31, 32];

/** The layer of a seed. Awkward on purpose: odd channels and maps, one-sided pads, dilations, multipliers. */
export function randomLayer(seed: number): RandomLayer {
  const rng = makeRng(seed);
  const pick = <T>(from: readonly T[]): T => from[rng.int(from.length)];
  for (;;) {
    const plain = {
      seed,
      kind: "conv" as const,
      bias: rng.next() < 0.6,
      batchNorm: rng.next() < 0.15,
      residual: pick([false, false, false, "before", "after"] as const),
      slopes: rng.next() < 0.2,
      clamp: pick([undefined, RELU, RELU6, LEAST]),
      countIncludePad: rng.next() < 0.5,
    };
    const layer = { ...plain, ...pick(KINDS)(rng, pick) };
    if (outputSize(layer).every((size) => size > 0) && !hasEmptyWindow(layer)) return layer;
  }
}

type Part = Pick<RandomLayer, "input" | "oc" | "groups" | keyof Window> & Partial<RandomLayer>;
type Kind = (rng: Rng, pick: <T>(from: readonly T[]) => T) => Part;

const anyWindow: (pick: <T>(from: readonly T[]) => T) => Window = (pick) => {
  const side = (): number => pick([1, 2, 3, 3, 5, 7]);
  const square = side();
  const pad = (): number => pick([0, 0, 1, 1, 2, 3]);
  return {
    kernel: pick([
      [square, square],
      [side(), side()],
    ]),
    stride: pick([
      [1, 1],
      [2, 2],
      [3, 3],
      [1, 2],
      [3, 1],
    ]),
    dilation: pick([
      [1, 1],
      [1, 1],
      [2, 2],
      [1, 3],
    ]),
    pads: [pad(), pad(), pad(), pad()],
  };
};

const anyConv: Kind = (rng, pick) => {
  const c = pick(CHANNELS);
  const groups = pick(divisors(c));
  const most = Math.max(1, Math.floor(48 / groups));
  const input = [pick([1, 1, 2, 3]), c, 1 + rng.int(17), 1 + rng.int(17)] as const;
  return { ...anyWindow(pick), input, groups, oc: groups * (1 + rng.int(Math.min(most, 8))) };
};

/** Groups of equal width, many of them, as grouped networks have. */
const grouped: Kind = (rng, pick) => {
  const width = pick([1, 2, 3, 4, 5, 6, 8, 12, 16, 32]);
  const groups = Math.max(2, rng.int(Math.floor(66 / width)));
  const c = width * groups;
  const stride = pick([1, 1, 1, 2]);
  const input = [pick([1, 1, 2]), c, 3 + rng.int(15), 3 + rng.int(15)] as const;
  const same: Window = { ...POINT, kernel: [3, 3], stride: [stride, stride], pads: [1, 1, 1, 1] };
  return { ...same, input, groups, oc: c * pick([1, 1, 1, 2]) };
};

const depthwise: Kind = (rng, pick) => {
  const c = pick(CHANNELS);
  const input = [pick([1, 1, 2]), c, 2 + rng.int(20), 2 + rng.int(20)] as const;
  return { ...anyWindow(pick), input, groups: c, oc: c * pick([1, 1, 1, 2, 3]) };
};

const pointwise: Kind = (rng, pick) => {
  const stride = pick([1, 1, 1, 2]);
  const input = [pick([1, 1, 2]), pick([...CHANNELS, 64]), 1 + rng.int(15), 1 + rng.int(15)] as const;
  return { ...POINT, stride: [stride, stride], input, groups: 1, oc: pick([...CHANNELS, 64, 72]) };
};

/** Maps and channels large enough for Winograd's tiles to pay, mostly not whole tiles. */
const forTiles: Kind = (rng, pick) => {
  const width = pick([16, 16, 32]);
  const groups = pick([1, 1, 2, 3]);
  const input = [pick([1, 1, 2]), width * groups, 7 + rng.int(16), 7 + rng.int(16)] as const;
  const pad = (): number => pick([1, 1, 1, 0, 2]);
  const pads = [pad(), pad(), pad(), pad()] as const;
  return { ...POINT, kernel: [3, 3], pads, input, groups, oc: width * groups * pick([1, 1, 2]) };
};

const pool: Kind = (rng, pick) => {
  const window = anyWindow(pick);
  const kind = pick(["max-pool", "max-pool", "average-pool", "average-pool", "global-pool"] as const);
  const c = pick(CHANNELS);
  const input = [pick([1, 1, 2]), c, 2 + rng.int(14), 2 + rng.int(14)] as const;
  const pads = window.pads.map((p, i) => Math.min(p, window.kernel[i % 2] - 1)) as unknown as Pads;
  const dilation = kind === "max-pool" ? window.dilation : ([1, 1] as const);
  return { ...window, kind, input, dilation, pads, groups: 1, oc: c };
};

const KINDS = [anyConv, anyConv, anyConv, grouped, grouped, depthwise, pointwise, forTiles, pool] as const;

function outputSize({ kind, input, kernel, stride, dilation, pads }: RandomLayer): readonly number[] {
  if (kind === "global-pool") return [1, 1];
  return [0, 1].map((d) =>
    windowCount(input[2 + d] + pads[d] + pads[d + 2], kernel[d], stride[d], dilation[d]),
  );
}

const ONE: RandomLayer = {
  ...POINT,
  ...{ seed: 0, kind: "conv", input: [1, 1, 1, 1], oc: 1, groups: 1 },
  ...{
    bias: true,
    batchNorm: false,
    residual: false,
    slopes: false,
    clamp: undefined,
    countIncludePad: false,
  },
};

/** Upper rows by F(6x6), the others by F(4x4): for any vectors, and where they are short. */
export function splitLayers(): readonly RandomLayer[] {
  const same: Partial<RandomLayer> = { kernel: [3, 3], pads: [1, 1, 1, 1] };
  return [
    { ...ONE, ...same, seed: -100, input: [1, 64, 28, 28], oc: 64 },
    {
      ...ONE,
      ...same,
      seed: -101,
      input: [2, 32, 26, 18],
      oc: 32,
      groups: 2,
      residual: "before",
      clamp: RELU,
    },
  ];
}

/** Of channels that fill vectors, their maps of even and odd sizes. */
export function evenLayers(): readonly RandomLayer[] {
  const same: Partial<RandomLayer> = { kernel: [3, 3], pads: [1, 1, 1, 1] };
  return [
    { ...ONE, ...same, seed: -200, input: [1, 48, 10, 14], oc: 32, clamp: RELU },
    { ...ONE, ...same, seed: -201, input: [2, 64, 7, 9], oc: 64, groups: 2, residual: "before" },
    { ...ONE, ...same, seed: -202, input: [1, 128, 3, 5], oc: 64, groups: 4, slopes: true },
    { ...ONE, kernel: [3, 3], seed: -203, input: [1, 16, 4, 4], oc: 16 },
  ];
}

/** Right by ONNX and hardly ever seen: one channel or pixel, steps over the whole map, windows of mostly padding. */
export function oddLayers(): readonly RandomLayer[] {
  const parts: readonly Partial<RandomLayer>[] = [
    {},
    { input: [3, 1, 1, 1], oc: 33, residual: "before" },
    { input: [1, 1, 9, 9], kernel: [9, 9], clamp: RELU },
    { input: [1, 1, 1, 40], kernel: [1, 7], pads: [0, 3, 0, 3], oc: 5 },
    { input: [1, 1, 40, 1], kernel: [7, 1], pads: [3, 0, 3, 0], stride: [2, 1], oc: 5 },
    { input: [1, 1, 1, 1], kernel: [7, 7], pads: [3, 3, 3, 3], oc: 16 },
    { input: [1, 32, 1, 1], kernel: [3, 3], pads: [1, 1, 1, 1], oc: 32, groups: 32 },
    { input: [1, 32, 1, 1], kernel: [3, 3], pads: [1, 1, 1, 1], oc: 32, groups: 2 },
    { input: [1, 32, 2, 2], kernel: [3, 3], pads: [1, 1, 1, 1], oc: 64, groups: 2, residual: "before" },
    { input: [1, 7, 3, 5], kernel: [3, 3], pads: [1, 1, 1, 1], oc: 7, slopes: true, residual: "after" },
    { input: [2, 12, 5, 5], oc: 18, groups: 6, slopes: true, residual: "before" },
    { input: [1, 32, 9, 9], kernel: [3, 3], pads: [1, 1, 1, 1], oc: 32, slopes: true, residual: "after" },
    { input: [1, 16, 8, 8], stride: [1000, 2 ** 31], oc: 16 },
    { input: [1, 16, 8, 8], stride: [1000, 7], kernel: [3, 3], oc: 16, groups: 16 },
    { input: [1, 16, 8, 8], dilation: [2 ** 31, 2 ** 40], oc: 16 },
    { input: [1, 16, 8, 8], dilation: [7, 7], kernel: [2, 2], oc: 16, groups: 4 },
    { input: [1, 3, 4, 4], pads: [9, 9, 9, 9], oc: 8 },
    { input: [1, 8, 4, 4], pads: [0, 9, 0, 0], kernel: [3, 3], oc: 8, groups: 8, clamp: RELU6 },
    { input: [1, 16, 12, 12], pads: [9, 0, 0, 9], kernel: [3, 3], oc: 16 },
    { input: [1, 97, 3, 3], oc: 101, kernel: [2, 2] },
    { input: [2, 34, 5, 5], oc: 51, groups: 17, kernel: [3, 3], pads: [1, 1, 1, 1] },
    { kind: "max-pool", input: [1, 1, 1, 1], oc: 1 },
    { kind: "max-pool", input: [1, 7, 9, 9], kernel: [9, 9], stride: [50, 50], oc: 7 },
    { kind: "average-pool", input: [1, 7, 3, 3], kernel: [3, 3], pads: [2, 2, 2, 2], oc: 7 },
    { kind: "global-pool", input: [3, 1, 1, 1], oc: 1 },
    { input: [1, 16, 9, 9], oc: 68, clamp: RELU },
    { input: [2, 16, 9, 9], oc: 56, groups: 2, slopes: true, residual: "after" },
  ];
  return parts.map((part, i) => ({ ...ONE, ...part, seed: -i }));
}

/** A window of a pool that lies in the padding alone: refused by the compiler. */
function hasEmptyWindow(layer: RandomLayer): boolean {
  const { kind, input, kernel, stride, dilation, pads } = layer;
  if (kind === "conv" || kind === "global-pool") return false;
  const sizes = outputSize(layer);
  return [0, 1].some((d) =>
    upTo(sizes[d]).some((at) =>
      upTo(kernel[d]).every((k) => {
        const tap = at * stride[d] - pads[d] + k * dilation[d];
        return tap < 0 || tap >= input[2 + d];
      }),
    ),
  );
}

/** Puts the layer into a network, on inputs of its own. Returns the name of its output. */
export function addLayer(g: GraphBuilder, layer: RandomLayer): string {
  const { kind, batchNorm, residual, slopes, clamp } = layer;
  const x = g.input(layer.input);
  switch (kind) {
    case "max-pool":
      return g.maxPool(x, layer);
    case "average-pool":
      return g.avgPool(x, layer);
    case "global-pool":
      return g.globalAvgPool(x);
    case "conv": {
      const y = g.conv(x, layer);
      const scaled = batchNorm ? g.batchNorm(y) : y;
      const sum = residual === "before" ? g.add(scaled, g.input(g.shape(y))) : scaled;
      const active = slopes ? g.prelu(sum) : sum;
      const clamped = clamp === undefined ? active : g.clamp(active, clamp);
      return residual === "after" ? g.add(g.input(g.shape(y)), clamped) : clamped;
    }
  }
}

/** In one line, with the seed that makes it again. */
export function layerText(layer: RandomLayer): string {
  const { seed, kind, input, oc, groups, kernel, stride, dilation, pads, residual } = layer;
  const parts = [
    `layer ${seed}: ${kind} ${input.join("x")}`,
    ...(kind === "conv" ? [`-> ${oc} channels, groups ${groups}`] : []),
    `kernel ${kernel.join("x")} stride ${stride.join("x")} dilation ${dilation.join("x")} pads ${pads.join(",")}`,
    ...(["bias", "batchNorm", "slopes", "clamp"] as const).filter((name) => layer[name]),
    ...(residual ? [`residual ${residual}`] : []),
  ];
  return parts.join(" ");
}

function divisors(n: number): number[] {
  return upTo(n)
    .map((i) => i + 1)
    .filter((d) => n % d === 0);
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
