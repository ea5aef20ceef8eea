import type { Graph, Pads } from "../../compiler/graph/graph.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { graphBuilder } from "./graph-builder.ts";

/** Steps that are powers of two: products, sums and quotients of such are exact in f32, however they are computed. */
const [MAP_STEP, WEIGHT_STEP] = [2 ** -3, 2 ** -6];
/** Numbers of steps: as uint8, and as int8. */
export const UNSIGNED = [0, 255] as const;
export const SIGNED = [-128, 127] as const;

type Steps = readonly [number, number];

/** A layer of weights that are whole numbers of a step between two, and a bias of whole steps of its products, or of parts of such. */
export interface ByteLayer {
  readonly oc: number;
  readonly kernel?: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly pads?: Pads;
  readonly groups?: number;
  readonly bias?: "whole" | "parts";
}

/** Writes networks of 8-bit maps. */
export function byteNetwork(seed: number, range: Steps = [-127, 127]) {
  const rng = makeRng(seed);
  const g = graphBuilder(rng);
  const changed = new Map<string, Float32Array>();
  /** Rounds to numbers of steps between two. */
  const rounded = (x: string, [lo, hi]: Steps, step = MAP_STEP): string =>
    g.node(
      {
        kind: "activation",
        activation: { fn: "fake-quantize", alpha: step, beta: 0 },
        clamp: { lo: lo * step, hi: hi * step },
      },
      [x],
      g.shape(x),
    );
  const conv = (x: string, { bias, ...layer }: ByteLayer): string => {
    const { groups = 1, kernel = [1, 1] } = layer;
    const y = g.conv(x, { ...layer, kernel, bias: bias !== undefined });
    const each = (g.shape(x)[1] / groups) * kernel[0] * kernel[1];
    const [w, b] = [`const${constants.count + 1}`, `const${constants.count + 2}`];
    constants.count += bias === undefined ? 1 : 2;
    const numbers = wholeNumbers(rng, layer.oc * each, range, WEIGHT_STEP);
    // of a channel alone the least weights are one below the other
    changed.set(w, each < 30 ? numbers.map((v, i) => (i % 3 === 0 ? range[0] * WEIGHT_STEP : v)) : numbers);
    const part = MAP_STEP * WEIGHT_STEP * (bias === "parts" ? 1 / 4 : 1);
    if (bias !== undefined) changed.set(b, wholeNumbers(rng, layer.oc, [-900, 900], part));
    return y;
  };
  const constants = { count: 0 };
  const finish = (outputs: readonly string[]): Graph => {
    const graph = g.finish(outputs);
    const tensors = new Map(
      [...graph.tensors].map(([name, tensor]) => {
        const data = changed.get(name);
        return [name, data === undefined ? tensor : { ...tensor, data }];
      }),
    );
    return { ...graph, tensors };
  };
  return { g, rounded, conv, finish };
}

function wholeNumbers(rng: Rng, size: number, [from, to]: Steps, step: number): Float32Array {
  return Float32Array.from({ length: size }, () => (from + rng.int(to - from + 1)) * step);
}

/** Windows of layers that treat each channel alone. */
export const WINDOWS: readonly Omit<ByteLayer, "oc" | "groups">[] = [
  { kernel: [3, 3], pads: [1, 1, 1, 1], bias: "whole" },
  { kernel: [3, 3], stride: [2, 2], pads: [1, 1, 1, 1], bias: "parts" },
  { kernel: [5, 5], pads: [2, 2, 2, 2] },
  { kernel: [2, 4], pads: [1, 1, 0, 2], bias: "parts" },
  { kernel: [3, 3], dilation: [2, 2], pads: [2, 2, 2, 2], bias: "whole" },
  { kernel: [1, 3], stride: [1, 2], pads: [0, 1, 0, 1] },
];

/** Every kind of layer that takes numbers of 8 bits, one behind the other, with what moves such in between. */
export function everyByteLayer(range?: Steps): Graph {
  const { g, rounded, conv, finish } = byteNetwork(3, range);
  const x = g.input([1, 16, 26, 22]);
  let y = rounded(conv(rounded(x, UNSIGNED), { oc: 24, bias: "parts" }), SIGNED);
  for (const [i, window] of WINDOWS.entries())
    y = rounded(conv(y, { ...window, oc: 24, groups: 24 }), i % 2 === 0 ? UNSIGNED : SIGNED, 1);
  // steps of the next maps are those of the first again
  const first = rounded(conv(y, { oc: 24 }), UNSIGNED, MAP_STEP);
  const grouped = { kernel: [3, 3], groups: 3, pads: [1, 1, 1, 1] } as const;
  const second = rounded(conv(first, { ...grouped, oc: 24 }), UNSIGNED, MAP_STEP);
  const joined = g.concat([first, second], 1);
  const shuffled = g.shuffle(joined, 2);
  const part = g.slice(shuffled, 1, 16, 32);
  const [a, b] = [conv(part, { oc: 20 }), conv(part, { oc: 20, bias: "parts" })];
  const [sum, product] = [rounded(g.add(a, b), SIGNED), rounded(g.mul(a, b), UNSIGNED, 4)];
  const ends = [
    conv(g.shuffle(second, 3), { oc: 24, groups: 3 }),
    conv(sum, { oc: 16 }),
    conv(product, { oc: 8 }),
  ];
  return finish(ends);
}
