import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Decisions, UNDECIDED } from "../../compiler/driver/decide/decisions.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { type GraphBuilder, graphBuilder, RELU, randomInputs } from "../graph/graph-builder.ts";
import { anyKnobs } from "./any-knobs.ts";
import { runCompiled } from "./compare-runs.ts";
import { wrongResults } from "./wrong-results.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-bands-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SAME = { kernel: 3, pads: [1, 1, 1, 1] } as const;
const HALVED = { ...SAME, stride: 2 } as const;
const depthwise = (oc: number) => ({ ...HALVED, oc, groups: oc });

/** Convolutions and windows behind them: by each, the map's tensor and the result. */
type Pair = readonly [map: string, result: string];
const PAIRS: readonly ((g: GraphBuilder) => Pair)[] = [
  (g) => {
    const map = g.conv(g.input([1, 16, 12, 12]), { oc: 48, kernel: 1 });
    return [map, g.clamp(g.conv(g.clamp(map, { lo: 0, hi: 6 }), depthwise(48)), { lo: 0, hi: 6 })];
  },
  // odd rows of pixels, several images, functions behind both
  (g) => {
    const map = g.conv(g.input([2, 12, 10, 17]), { oc: 40, kernel: 1, bias: false });
    const active = g.activation(g.batchNorm(map), "hard-swish", 1 / 6, 0.5);
    return [map, g.activation(g.conv(active, { ...depthwise(40), bias: false }), "silu")];
  },
  // sums below 0 behind a map that has none, and a border of what a window over them ignores
  (g) => {
    const map = g.conv(g.input([1, 16, 12, 12]), { oc: 32, kernel: 1 });
    const sums = g.conv(g.clamp(map, RELU), depthwise(32));
    return [map, g.maxPool(sums, { kernel: 3, stride: 1, pads: [1, 1, 1, 1] })];
  },
  // groups, and channels that fill no vector
  (g) => {
    const map = g.conv(g.input([1, 32, 8, 9]), { oc: 64, groups: 2, kernel: 1 });
    return [map, g.conv(g.clamp(map, RELU), depthwise(64))];
  },
  (g) => {
    const map = g.conv(g.input([1, 10, 8, 8]), { oc: 30, kernel: 1 });
    return [map, g.conv(g.prelu(map), depthwise(30))];
  },
  // a first layer, by larger kernels
  (g) => {
    const map = g.conv(g.input([1, 3, 32, 30]), { oc: 24, ...HALVED });
    return [map, g.maxPool(g.clamp(map, RELU), HALVED)];
  },
  (g) => {
    const map = g.conv(g.input([1, 8, 13, 14]), { oc: 16, kernel: [3, 5], pads: [0, 1, 1, 2] });
    return [map, g.maxPool(map, HALVED)];
  },
  // windows that reach below the map, or need more of it before the first band
  (g) => {
    const map = g.conv(g.input([1, 8, 12, 10]), { oc: 24, kernel: 1 });
    const wide = { oc: 24, groups: 24, kernel: 5, stride: 2, pads: [2, 2, 2, 2] } as const;
    return [map, g.clamp(g.conv(g.clamp(map, RELU), wide), RELU)];
  },
  (g) => {
    const map = g.conv(g.input([2, 8, 7, 9]), { oc: 16, kernel: 1 });
    return [map, g.conv(g.activation(map, "sigmoid"), depthwise(16))];
  },
  (g) => {
    const map = g.conv(g.input([1, 3, 20, 22]), { oc: 24, ...HALVED });
    return [map, g.maxPool(g.clamp(map, RELU), { kernel: 3, stride: 2, pads: [0, 0, 1, 1] })];
  },
  (g) => {
    const map = g.conv(g.input([1, 16, 14, 8]), { oc: 32, groups: 2, ...SAME });
    return [map, g.conv(map, { oc: 32, groups: 32, kernel: [5, 3], stride: [3, 2], pads: [0, 1, 2, 1] })];
  },
  // windows that do not overlap, or lie askew
  (g) => {
    const map = g.conv(g.input([1, 8, 6, 7]), { oc: 24, ...SAME });
    return [map, g.maxPool(g.clamp(map, RELU), { kernel: 2, stride: 2 })];
  },
  (g) => {
    const map = g.conv(g.input([1, 8, 12, 11]), { oc: 16, kernel: 1 });
    return [map, g.conv(map, { oc: 16, groups: 16, kernel: [4, 3], stride: [3, 1], pads: [1, 0, 0, 2] })];
  },
];

function network(): { readonly graph: Graph; readonly pairs: readonly Pair[] } {
  const g = graphBuilder(makeRng(3));
  const pairs = PAIRS.map((pair) => pair(g));
  return { graph: g.finish(pairs.map(([, result]) => result)), pairs };
}

/** Every convolution of a map by the algorithm. */
function decided(pairs: readonly Pair[], algorithm: string): Decisions {
  const layers = pairs.map(([map]) => [map.replace("_out", ""), algorithm] as const);
  return { ...UNDECIDED, algorithms: new Map(layers) };
}

test.each([
  ["host", undefined],
  ["qemu-rpi4", undefined],
  ["qemu-rpi3", anyKnobs(makeRng(5))],
  ["qemu-rpi2", undefined],
] as const)("in bands, windows behind convolutions give what they do alone on %s", async (board, search) => {
  const { graph, pairs } = network();
  const inputs = randomInputs(graph, makeRng(4));
  const options = { decisions: decided(pairs, "bands"), ...(search && { search }) };
  const { plan, values } = await runCompiled(graph, board, join(folder, board), inputs, options);
  expect(plan.steps.filter(({ algorithm }) => algorithm === "bands").length).toBe(PAIRS.length);
  expect(await wrongResults(graph, inputs, { plan, values })).toEqual([]);
});

test.each([Number.POSITIVE_INFINITY, Number.NaN])("%s reaches the pixels that it does alone", async (odd) => {
  const { graph, pairs } = network();
  const inputs = randomInputs(graph, makeRng(4));
  for (const data of Object.values(inputs)) for (const at of [13, 100, 190]) data[at] = odd;
  const [together, alone] = await Promise.all(
    ["bands", "direct"].map(async (how) => {
      const dir = join(folder, `special-${odd}-${how}`);
      return (await runCompiled(graph, "qemu-rpi4", dir, inputs, { decisions: decided(pairs, how) })).values;
    }),
  );
  const kinds = (data: Float32Array | undefined): string[] =>
    [...(data ?? [])].map((v) => (Number.isFinite(v) ? "finite" : "not"));
  for (const output of graph.outputs)
    expect(kinds(together.get(output)), output).toEqual(kinds(alone.get(output)));
});
