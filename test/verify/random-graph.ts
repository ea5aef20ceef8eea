import type { Graph, Pads } from "../../compiler/graph/graph.ts";
import type { ActivationName } from "../../compiler/ops/activation/activations.ts";
import { ELEMENTWISE, type ElementwiseName } from "../../compiler/ops/elementwise/elementwise.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { type GraphBuilder, graphBuilder, windowCount } from "../graph/graph-builder.ts";

/** A small network of `size` random nodes after its input: every operator, odd channels, odd borders. */
export function randomGraph(seed: number, size: number): Graph {
  const rng = makeRng(seed);
  const g = graphBuilder(rng);
  const pick = <T>(items: readonly T[]): T => items[rng.int(items.length)];
  const n = pick([1, 1, 1, 2]);
  const images = [g.input([n, pick([1, 3, 4, 5, 6, 8, 12]), 4 + rng.int(6), 4 + rng.int(6)])];
  for (let i = 0; i < size; i++) {
    // Mostly the newest tensor, so that graphs are deep; sometimes an older one, so that they branch.
    const x = rng.next() < 0.65 ? images[images.length - 1] : pick(images);
    const next = randomImageNode(g, rng, x, images);
    if (next !== undefined) images.push(next);
  }
  const last = images[images.length - 1];
  const outputs = [rng.next() < 0.5 ? last : head(g, rng, last)];
  const other = pick(images);
  if (rng.next() < 0.3 && !outputs.includes(other)) outputs.push(other);
  return g.finish(outputs);
}

function head(g: GraphBuilder, rng: Rng, x: string): string {
  const [n, c, h, w] = g.shape(x);
  const pooled = rng.next() < 0.5;
  const flat = pooled ? g.reshape(g.globalAvgPool(x), [n, c]) : g.reshape(x, [n, c * h * w]);
  const scores = rng.next() < 0.8 ? g.dense(flat, 1 + rng.int(12), rng.next() < 0.7) : flat;
  const active = rng.next() < 0.3 ? g.clamp(scores) : scores;
  return rng.next() < 0.6 ? g.softmax(active, 1) : active;
}

function randomImageNode(
  g: GraphBuilder,
  rng: Rng,
  x: string,
  images: readonly string[],
): string | undefined {
  const [n, c, h, w] = g.shape(x);
  switch (rng.int(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return randomConv(g, rng, x);
    case 5:
    case 6:
      return randomEnding(g, rng, x);
    case 7:
      return g.batchNorm(x);
    case 8:
      if (rng.next() < 0.1) return g.prelu(x);
      return rng.next() < 0.5
        ? g.clamp(x, rng.next() < 0.7 ? undefined : { lo: -0.5, hi: 1 })
        : g.activation(x, ...ACTIVATIONS[rng.int(ACTIVATIONS.length)]);
    case 9: {
      const like = images.filter((other) => g.shape(other).join() === [n, c, h, w].join());
      const other = like[rng.int(like.length)];
      if (rng.next() < 0.4) return g.add(x, other);
      if (rng.next() < 0.3)
        return g.elementwise(x, other, ELEMENTWISE_NAMES[rng.int(ELEMENTWISE_NAMES.length)]);
      const gate = g.activation(rng.next() < 0.5 ? g.globalAvgPool(x) : other, "sigmoid");
      const product = g.mul(x, gate);
      return rng.next() < 0.5 ? product : g.clamp(g.add(product, other), { lo: -0.5, hi: 1 });
    }
    case 10:
    case 11: {
      const kernel = 1 + rng.int(3);
      const pads = randomPads(rng, kernel);
      if (Math.min(h + pads[0] + pads[2], w + pads[1] + pads[3]) < kernel) return undefined;
      const options = { kernel, stride: 1 + rng.int(2), pads, countIncludePad: rng.next() < 0.5 };
      return rng.next() < 0.5 ? g.maxPool(x, options) : g.avgPool(x, options);
    }
    case 12: {
      const like = images.filter((other) => {
        const [on, , oh, ow] = g.shape(other);
        return on === n && oh === h && ow === w;
      });
      const parts = [x, like[rng.int(like.length)]];
      if (c > 40) return undefined;
      const joined = g.concat(parts, 1);
      if (g.shape(parts[1])[1] !== c || rng.next() < 0.5) return joined;
      const shuffled = g.shuffle(joined, 2);
      return rng.next() < 0.5 ? shuffled : g.slice(shuffled, 1, rng.int(2) * c, c);
    }
    case 13: {
      const groups = divisors(c);
      return g.shuffle(x, groups[rng.int(groups.length)]);
    }
    case 14: {
      if (rng.next() < 0.3) {
        const wide = g.conv(x, { oc: 32, kernel: 1 });
        const parts = [g.slice(wide, 1, 0, 16), g.slice(wide, 1, 16, 16)];
        const deep = g.conv(parts[1], { oc: 16, pads: [1, 1, 1, 1] });
        return rng.next() < 0.5 ? g.concat([...parts, deep], 1) : g.concat([deep, parts[1]], 1);
      }
      const axis = rng.next() < 0.7 ? 1 : 2 + rng.int(2);
      const size = g.shape(x)[axis];
      if (size < 2) return undefined;
      const start = rng.int(size - 1);
      const half = axis === 1 && size % 2 === 0 && rng.next() < 0.5;
      if (half) return g.slice(x, axis, size / 2, size / 2);
      return g.slice(x, axis, start, 1 + rng.int(size - start - 1));
    }
    default:
      return rng.next() < 0.5 ? g.transpose(x, [0, 1, 3, 2]) : undefined;
  }
}

const ELEMENTWISE_NAMES = Object.keys(ELEMENTWISE) as readonly ElementwiseName[];
const ACTIVATIONS: readonly (readonly [fn: ActivationName, alpha?: number, beta?: number])[] = [
  ["leaky-relu", 0.1],
  ["elu", 0.5],
  ["selu", 1.5, 0.75],
  ["sigmoid"],
  ["hard-sigmoid", 0.25, 0.5],
  ["silu", 1],
  ["silu", 1.5],
  ["hard-swish", 1 / 6, 0.5],
  ["tanh"],
  ["softplus"],
  ["softsign"],
  ["mish"],
  ["gelu"],
  ["gelu-tanh"],
  ["erf"],
];

function randomConv(g: GraphBuilder, rng: Rng, x: string): string | undefined {
  const [, c, h, w] = g.shape(x);
  const kernel = 1 + rng.int(3);
  const dilation = 1 + rng.int(2);
  const pads = randomPads(rng, kernel);
  const reach = (kernel - 1) * dilation + 1;
  const stride = 1 + rng.int(2);
  const out = Math.min(
    windowCount(h + pads[0] + pads[2], kernel, stride, dilation),
    windowCount(w + pads[1] + pads[3], kernel, stride, dilation),
  );
  if (out < 1 || Math.min(h, w) < reach - 2) return undefined;
  const options = divisors(c);
  const groups = rng.next() < 0.4 ? 1 : options[rng.int(options.length)];
  const oc = groups * (rng.next() < 0.4 ? c / groups : 1 + rng.int(groups > 4 ? 4 : 8));
  return g.conv(x, { oc, kernel, stride, pads, dilation, groups, bias: rng.next() < 0.7 });
}

/** A convolution that keeps the size of its input, an activation and a sum behind it in any order, or one of them. */
function randomEnding(g: GraphBuilder, rng: Rng, x: string): string {
  const [, c] = g.shape(x);
  const kernel = rng.next() < 0.5 ? 1 : 3;
  const side = (kernel - 1) / 2;
  const options = divisors(c);
  const groups = options[rng.int(options.length)];
  const conv = g.conv(x, { oc: c, kernel, pads: [side, side, side, side], groups, bias: rng.next() < 0.5 });
  const ends = rng.next();
  const sum = ends < 0.3 ? g.add(conv, x) : conv;
  const kind = rng.int(4);
  const active =
    kind === 0
      ? g.clamp(sum)
      : kind === 1
        ? g.activation(sum, ...ACTIVATIONS[rng.int(ACTIVATIONS.length)])
        : g.prelu(sum);
  const after = ends < 0.3 || ends > 0.8 ? active : g.add(x, active);
  return rng.next() < 0.2 ? g.clamp(after, { lo: -0.5, hi: 1 }) : after;
}

function randomPads(rng: Rng, kernel: number): Pads {
  const side = (): number => rng.int(kernel);
  return rng.next() < 0.5 ? [side(), side(), side(), side()] : [0, 0, 0, 0];
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}
