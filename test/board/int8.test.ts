import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Decisions, UNDECIDED } from "../../compiler/driver/decide/decisions.ts";
import { writeNpy } from "../../compiler/frontend/npy.ts";
import type { Graph, GraphNode, Pads } from "../../compiler/graph/graph.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { ConvDims } from "../../compiler/ops/conv2d/algorithm.ts";
import { int8 } from "../../compiler/ops/int8/algorithm.ts";
import { int8Times } from "../../compiler/ops/int8/dot.ts";
import { defined } from "../../compiler/support/assert.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { tilewright } from "../cli/command-line.ts";
import { type GraphBuilder, graphBuilder } from "../graph/graph-builder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runCompiled } from "./compare-runs.ts";

const folder = temporaryFolder("int8");

const STEP = Math.fround(0.0213);
/** Numbers of steps as i8 and as u8 with zero points have them. */
const [SIGNED, UNSIGNED, UNEVEN] = [
  [-128, 127],
  [0, 255],
  [-37, 218],
] as const;

interface Layer {
  readonly x: readonly [number, number, number, number];
  readonly oc: number;
  readonly steps: readonly [number, number];
  readonly kernel?: readonly [number, number];
  readonly groups?: number;
  readonly stride?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly pads?: Pads;
  readonly bias?: boolean;
  /** Whether its bias is whole numbers of what one product of steps is. */
  readonly wholeBias?: true;
  /** Whether its products are those of 8-bit numbers; absent: they are. */
  readonly floats?: true;
}

const LAYERS: readonly Layer[] = [
  { x: [1, 16, 7, 6], oc: 24, steps: UNSIGNED },
  { x: [1, 64, 4, 4], oc: 16, steps: UNEVEN, bias: false },
  { x: [2, 12, 5, 9], oc: 20, steps: SIGNED, kernel: [3, 3], pads: [1, 1, 1, 1] },
  { x: [1, 3, 20, 18], oc: 16, steps: UNEVEN, kernel: [7, 7], stride: [2, 2], pads: [3, 3, 2, 2] },
  { x: [1, 32, 9, 8], oc: 32, steps: UNSIGNED, groups: 4, kernel: [3, 3], pads: [1, 1, 1, 1] },
  { x: [1, 24, 8, 8], oc: 120, steps: SIGNED, groups: 3, stride: [2, 1] },
  { x: [1, 8, 11, 10], oc: 8, steps: UNEVEN, kernel: [2, 5], dilation: [3, 1], pads: [0, 2, 1, 2] },
  { x: [1, 10, 6, 6], oc: 14, steps: UNSIGNED, kernel: [3, 1], pads: [1, 0, 1, 0] },
  { x: [1, 160, 16, 14], oc: 16, steps: UNSIGNED, kernel: [3, 3], pads: [1, 1, 1, 1] },
  { x: [1, 8, 6, 5], oc: 16, steps: UNEVEN, wholeBias: true },
  // sums that leave no room for a bias in 32 bits
  { x: [1, 4096, 3, 3], oc: 8, steps: SIGNED, kernel: [3, 3], wholeBias: true },
  { x: [1, 16, 8, 8], oc: 16, steps: UNSIGNED, groups: 16, kernel: [3, 3], floats: true },
  { x: [1, 16, 8, 8], oc: 16, steps: [0, 1000], kernel: [3, 3], floats: true },
];

/** A layer of what is quantized; its weights are whole numbers of a step of each output channel. */
function addLayer(g: GraphBuilder, layer: Layer): string {
  const clamp = { lo: layer.steps[0] * STEP, hi: layer.steps[1] * STEP };
  const [lo, hi] = [Math.fround(clamp.lo), Math.fround(clamp.hi)];
  const activation = { fn: "fake-quantize", alpha: STEP, beta: 0 } as const;
  const x = g.input(layer.x);
  const rounded = g.node({ kind: "activation", activation, clamp: { lo, hi } }, [x], layer.x);
  return g.conv(rounded, { kernel: [1, 1], bias: true, ...layer });
}

const WEIGHT_STEP = (oc: number): number => Math.fround(0.0031 * (1 + (oc % 7)));

/** The graph with other weights: those of each convolution between so many steps, of one channel all zeros, of one all as small as they may be. */
function withSteps(
  graph: Graph,
  [from, to]: readonly [number, number],
): { readonly graph: Graph; readonly steps: ReadonlyMap<string, Int16Array> } {
  const rng = makeRng(11);
  const tensors = new Map(graph.tensors);
  const steps = new Map<string, Int16Array>();
  const convolutions = graph.nodes.filter(({ op }) => op.kind === "conv2d");
  for (const [layer, { inputs }] of convolutions.entries()) {
    const w = defined(tensors.get(inputs[1]), "weights");
    const [OC] = w.shape;
    const size = w.shape.reduce((a, b) => a * b, 1) / OC;
    const whole = Int16Array.from({ length: OC * size }, (_, i) =>
      i < size ? 0 : i === size ? 1 : i < 2 * size ? from : rng.int(to + 1 - from) + from,
    );
    steps.set(inputs[1], whole);
    tensors.set(inputs[1], {
      ...w,
      data: Float32Array.from(whole, (n, i) => n * WEIGHT_STEP(Math.floor(i / size))),
    });
    if (LAYERS[layer].wholeBias !== true) continue;
    const data = Float32Array.from({ length: OC }, (_, oc) =>
      oc === 0 ? 0 : (rng.int(4001) - 2000) * Math.fround(STEP * WEIGHT_STEP(oc)),
    );
    tensors.set(inputs[2], { ...defined(tensors.get(inputs[2]), "bias"), data });
  }
  return { graph: { ...graph, tensors }, steps };
}

/** Exact sums of a layer's steps, each with what one of them is and its bias. */
function* exactSums(graph: Graph, node: GraphNode, steps: Int16Array, x: Float32Array, layer: Layer) {
  const {
    x: [N, C, H, W],
    oc: OC,
    steps: [least, most],
  } = layer;
  const { kernel: [KH, KW] = [1, 1], groups: G = 1, stride: [SH, SW] = [1, 1] } = layer;
  const { dilation: [DH, DW] = [1, 1], pads: [top, left] = [0, 0, 0, 0] } = layer;
  const [, , OH = 1, OW = 1] = defined(graph.tensors.get(node.output), "output").shape;
  const bias = layer.bias === false ? undefined : graph.tensors.get(node.inputs[2])?.data;
  const stepsAt = (n: number, c: number, h: number, w: number): number => {
    if (h < 0 || w < 0 || h >= H || w >= W) return 0;
    const quotient = Math.fround(x[((n * C + c) * H + h) * W + w] / STEP);
    const near = 2 * Math.round(quotient / 2 - 0.25) + (Math.abs(quotient % 1) === 0.5 ? 0 : Number.NaN);
    return Math.min(Math.max(Number.isNaN(near) ? Math.round(quotient) : near, least), most);
  };
  for (let n = 0; n < N; n++)
    for (let oc = 0; oc < OC; oc++)
      for (let oh = 0; oh < OH; oh++)
        for (let ow = 0; ow < OW; ow++) {
          let sum = 0;
          const from = Math.floor(oc / (OC / G)) * (C / G);
          for (let ic = 0; ic < C / G; ic++)
            for (let kh = 0; kh < KH; kh++)
              for (let kw = 0; kw < KW; kw++)
                sum +=
                  stepsAt(n, from + ic, oh * SH + kh * DH - top, ow * SW + kw * DW - left) *
                  steps[((oc * (C / G) + ic) * KH + kh) * KW + kw];
          yield { sum, step: STEP * WEIGHT_STEP(oc), bias: bias?.[oc] ?? 0 };
        }
}

/** What rounding to f32 or f16 may move, relative; f16 has none of its own below 2^-24. */
const ROUNDING = { fast: { relative: 4 * 2 ** -24, least: 0 }, f16: { relative: 2 ** -11, least: 2 ** -24 } };

test.each([
  ["qemu-rpi5", "fast", [-128, 127], undefined],
  ["qemu-rpi5", "f16", [-128, 127], undefined],
  // as uint8 with a zero point has them
  ["qemu-rpi5", "fast", [-102, 153], undefined],
  ["qemu-rpi4", "fast", [-90, 150], 2],
  ["qemu-rpi3", "fast", [-150, 90], 2],
  // two products are summed in 16 bits first, which have no room for those of -128, or four of smaller weights
  ["qemu-rpi4", "fast", [-127, 127], 2],
  ["qemu-rpi4", "fast", [-63, 63], 4],
  ["qemu-rpi3", "fast", [-127, 127], 2],
  ["qemu-rpi3", "fast", [-63, 63], 4],
] as const)(
  "sums of 8-bit products are exact, whatever the window, groups and zero points: %s, %s, weights of %j",
  async (board, numerics, range, terms) => {
    const g = graphBuilder();
    const { graph, steps } = withSteps(g.finish(LAYERS.map((layer) => addLayer(g, layer))), range);
    const rng = makeRng(5);
    // near the middle between two steps f16 may round to either
    const value = (): number =>
      numerics === "f16" ? Math.round(140 * rng.normal()) * STEP : 3 * rng.normal();
    const inputs = Object.fromEntries(
      graph.inputs.map((name) => {
        const { shape } = defined(graph.tensors.get(name), name);
        return [name, Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, value)];
      }),
    );
    const convolutions = graph.nodes.flatMap(({ op, name }) => (op.kind === "conv2d" ? [name] : []));
    const isShifted = Math.max(-range[0] - 1, range[1]) > 127;
    /** In sums of so many products numbers above i8 have no room. */
    const isTooLong = (layer: Layer): boolean => isShifted && layer.x[1] === 4096;
    const algorithms = LAYERS.map(
      (layer, i) => [convolutions[i], layer.floats || isTooLong(layer) ? "direct" : "int8"] as const,
    );
    const decisions: Decisions = { ...UNDECIDED, algorithms: new Map(algorithms) };
    const dir = join(folder, board, numerics, `${range[1]}`);
    const { plan, values } = await runCompiled(graph, board, dir, inputs, { numerics, decisions });
    for (const [i, layer] of LAYERS.entries()) {
      if (isTooLong(layer)) continue;
      const node = defined(
        graph.nodes.find(({ output }) => output === graph.outputs[i]),
        "node",
      );
      const step = plan.steps.find(({ layer: of }) => of === node.name);
      expect(step?.task.op === "int8-conv", JSON.stringify(layer)).toBe(layer.floats === undefined);
      if (layer.floats === undefined) {
        expect(step?.task.dims.CP).toBe(isShifted ? 2 : 1);
        const channels = Math.ceil(layer.x[1] / (layer.groups ?? 1) / 4);
        expect(step?.task.dims.TERMS, JSON.stringify(layer)).toBe(
          terms === 4 && channels % 2 === 1 ? 2 : terms,
        );
      }
      if (layer.floats === undefined) expect(step?.task.floats).toBe(numerics === "f16" ? "f16" : undefined);
      else if (numerics === "f16") continue;
      const isTaken = layer.wholeBias === true && layer.x[1] < 4096;
      if (layer.floats === undefined)
        expect(step?.task.dims.BIAS === 0).toBe(isTaken || layer.bias === false);
      const y = defined(values.get(node.output), node.output);
      const x = inputs[graph.inputs[i]];
      let at = 0;
      for (const { sum, step: each, bias } of exactSums(
        graph,
        node,
        defined(steps.get(node.inputs[1]), "steps"),
        x,
        layer,
      )) {
        const [exact, size] = [sum * each + bias, Math.abs(sum * each) + Math.abs(bias)];
        const { relative, least } = ROUNDING[numerics];
        const room = layer.floats ? 1e-5 * (1 + size) * 20 : relative * size + least;
        expect(Math.abs(y[at++] - exact), `${JSON.stringify(layer)} at ${at}`).toBeLessThanOrEqual(room);
      }
      expect(at).toBe(y.length);
    }
  },
  240_000,
);

test("products are summed in 16 bits where these hold them, four by four or two by two", () => {
  const target = loadTarget("rpi4");
  const dims = { N: 1, G: 1, IC: 64, OC: 64, OH: 14, OW: 14, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1 };
  const quantized = { ...dims, SCALE: STEP, OFFSET: 128 };
  const limits = { registers: 28, numerics: "fast", int8: int8Times(target) } as const;
  const told = { ...dims, IH: 14, IW: 14, ROWS: 14, COLUMNS: 14 };
  const ways = (d: ConvDims) => int8.candidates(d, 4, limits).map(({ parts }) => parts[0]?.sizes(told).TERMS);
  expect(ways({ ...quantized, TERMS: 4 })).toEqual([4]);
  expect(ways({ ...quantized, TERMS: 4, IC: 60 })).toEqual([2]);
  expect(ways({ ...quantized, TERMS: 2 })).toEqual([2]);
  expect(ways({ ...quantized, TERMS: 1 })).toEqual([]);
  expect(ways(quantized)).toEqual([]);
});

test.each([
  ["rpi3", 4],
  ["rpi3", 2],
  ["rpi4", 2],
] as const)("they pay for enough output channels: %s, %i", (board, TERMS) => {
  const dims = { N: 1, G: 1, IC: 256, OC: 256, OH: 28, OW: 28, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1 };
  const limits = { registers: 28, numerics: "fast", int8: int8Times(loadTarget(board)) } as const;
  const pays = (OC: number) =>
    int8.candidates({ ...dims, OC, SCALE: STEP, OFFSET: 128, TERMS }, 4, limits)[0]?.pays;
  expect([8, 256].map(pays)).toEqual([false, true]);
});

/** The network of digits with layers in 8 bits. */
async function quantizedDigits(): Promise<string> {
  const file = join(folder, "digits-int8.onnx");
  const [model, image] = ["digits.onnx", "one.npy"].map((name) =>
    join(PACKAGE_ROOT, "test/fixtures/digits", name),
  );
  const made = await tilewright("quantize", model, "--input", image, "-o", file);
  expect(made.code).toBe(0);
  return file;
}

test("numbers that are rounded to steps one by one are those of vectors", async () => {
  const file = await quantizedDigits();
  const plain = ["/mix1/mix1.0/Conv", "/mix2/mix2.0/Conv"].flatMap((layer) => [
    "--set",
    `${layer}.schedule=plain`,
  ]);
  const { code, note } = await tilewright(
    "verify",
    file,
    "--board",
    "qemu-rpi5",
    "--numerics",
    "f16",
    ...plain,
  );
  expect(code, note).toBe(0);
}, 120_000);

test("kernels that write numbers of 8 bits are checked with data of a usual size when they are tuned", async () => {
  const file = await quantizedDigits();
  const log = join(folder, "tuned.jsonl");
  const { code, note } = await tilewright(
    ...["tune", file, "--board", "qemu-rpi5", "--budget", "30 trials", "--log", log],
  );
  expect(code, note).toBe(0);
  const trials = readFileSync(log, "utf8")
    .split("\n")
    .flatMap((line) => (line.includes('"kind":"trial"') ? [JSON.parse(line)] : []));
  expect(trials.some(({ op }) => op === "int8-conv")).toBe(true);
  expect(new Set(trials.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
}, 120_000);

test("a NaN that such a layer reads may become any number, and nothing else is off", async () => {
  const file = await quantizedDigits();
  const image = join(folder, "nan.npy");
  const data = Float32Array.from({ length: 64 }, (_, i) =>
    i === 20 ? Number.NaN : i === 41 ? Number.POSITIVE_INFINITY : i / 64,
  );
  writeFileSync(image, writeNpy({ shape: [1, 1, 8, 8], data }));
  const { code, out } = await tilewright("verify", file, "--board", "qemu-rpi5", "--input", image, "--json");
  expect(code).toBe(0);
  const { layers } = JSON.parse(out);
  expect(
    layers.some(
      ({ op, undecided }: { op: string; undecided: number }) => op === "int8-conv" && undecided > 0,
    ),
  ).toBe(true);
}, 120_000);
