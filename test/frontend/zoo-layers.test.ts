import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { type Layer, makeNetBuilder, type NetBuilder } from "../../compiler/frontend/zoo/builder.ts";
import { findZooNetwork, parseZooName } from "../../compiler/frontend/zoo/index.ts";
import { type Window, windowCount } from "../../compiler/frontend/zoo/window.ts";
import type { Graph, NodeKind } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { sample } from "../support/amount.ts";
import { messageOf } from "./onnx-model.ts";

/** Networks as ncnn's benchmark has them (benchmark/models of Tencent/ncnn) at 224x224. */
interface Listed {
  readonly name: string;
  /** Of its convolutions and fully connected layers, in all. */
  readonly macs: number;
  /** Convolutions, and the fully connected layers of its squeeze-and-excites, which are 1x1 convolutions here. */
  readonly convs: number;
  readonly dense: number;
}
const NCNN: readonly Listed[] = [
  { name: "mobilenet-v2", macs: 313_619_328, convs: 53, dense: 1 },
  { name: "mobilenet-v3", macs: 245_564_768, convs: 46 + 16, dense: 2 },
  { name: "squeezenet1.1", macs: 377_823_936, convs: 26, dense: 0 },
  { name: "shufflenet-v2", macs: 144_907_992, convs: 56, dense: 1 },
  { name: "mnasnet1.0", macs: 314_415_872, convs: 52, dense: 1 },
  { name: "proxylessnas", macs: 336_483_904, convs: 61, dense: 1 },
  { name: "efficientnet-b0", macs: 385_814_752, convs: 49 + 32, dense: 1 },
  { name: "regnety-400mf", macs: 401_842_848, convs: 53 + 32, dense: 1 },
  { name: "googlenet", macs: 1_582_671_872, convs: 57, dense: 1 },
  { name: "resnet18", macs: 1_826_918_400, convs: 21, dense: 1 },
  { name: "resnet50", macs: 3_857_973_248, convs: 53, dense: 1 },
];
/** As PyTorch counts torchvision's (the first one: test/fixtures/torchvision). */
const TORCHVISION: readonly Listed[] = [
  { name: "densenet121", macs: 2_834_161_664, convs: 120, dense: 1 },
  { name: "densenet201", macs: 4_291_365_888, convs: 200, dense: 1 },
];

function countOf(graph: Graph, kind: NodeKind): number {
  return graph.nodes.filter(({ op }) => op.kind === kind).length;
}

function macsOf(graph: Graph): number {
  return graph.nodes.reduce((sum, { op, inputs, output }) => {
    if (op.kind !== "conv2d" && op.kind !== "dense") return sum;
    const weights = graph.tensors.get(inputs[1] as string)?.data?.length ?? 0;
    const positions = graph.tensors.get(output)?.shape.slice(2) ?? [];
    return sum + positions.reduce((product, d) => product * d, weights);
  }, 0);
}

describe("networks of ncnn's benchmark and torchvision", () => {
  test.each([...NCNN, ...TORCHVISION])(
    "$name has as many multiply-adds and layers",
    ({ name, macs, convs, dense }) => {
      const parsed = parseZooName(`${name}@224`);
      expect(parsed).toEqual({ network: name, options: { inputSize: 224 } });
      const graph = findZooNetwork(name).build({ ...parsed.options, shapesOnly: true });
      expect(graph.name).toBe(name);
      expect(macsOf(graph)).toBe(macs);
      expect([countOf(graph, "conv2d"), countOf(graph, "dense")]).toEqual([convs, dense]);
      expect(graph.tensors.get(graph.outputs[0] as string)?.shape).toEqual([1, 1000]);
      expect(new Set(graph.nodes.map((node) => node.name)).size).toBe(graph.nodes.length);
    },
  );

  test.each(sample([...NCNN, ...TORCHVISION], 3))("$name survives a file", ({ name }) => {
    const graph = findZooNetwork(name).build({ inputSize: 64, shapesOnly: true });
    const again = importOnnx(exportOnnx(graph));
    expect(again.nodes).toEqual(graph.nodes);
    const shapes = ({ tensors }: Graph): ReadonlyMap<string, readonly number[]> =>
      new Map([...tensors].map(([tensor, { shape }]) => [tensor, shape]));
    expect(shapes(again)).toEqual(shapes(graph));
  });

  // Of each way of building one: fire modules, split channels, squeeze-and-excites.
  test.each(["squeezenet1.1", "shufflenet-v2", "mobilenet-v3"])(
    "%s tells images apart in ONNX Runtime",
    async (name) => {
      const graph = findZooNetwork(name).build({ inputSize: 64 });
      const bytes = exportOnnx(graph);
      expect(sha256(exportOnnx(importOnnx(bytes)))).toBe(sha256(bytes));
      const rng = makeRng(5);
      const outputs: Float32Array[] = [];
      for (let image = 0; image < 2; image++) {
        outputs.push(
          await run(
            bytes,
            Float32Array.from({ length: 3 * 64 * 64 }, () => rng.normal()),
          ),
        );
      }
      const [first, second] = outputs as [Float32Array, Float32Array];
      const range = Math.max(...first) - Math.min(...first);
      expect(range).toBeGreaterThan(1 / first.length);
      expect(Math.max(...first)).toBeLessThan(0.5);
      expect(Math.max(...first.map((v, i) => Math.abs(v - (second[i] as number))))).toBeGreaterThan(
        0.1 * range,
      );
    },
  );

  test("--g and --G are for those whose groups may be chosen", () => {
    const groups = findZooNetwork("resnet50").build({ g: 2, shapesOnly: true });
    expect(groups.name).toBe("resnet50-g2");
    expect(macsOf(groups)).toBeLessThan(3e9);
    expect(
      messageOf(() => findZooNetwork("squeezenet1.1").build({ g: 2 })),
    ).toBe(`error[F203]: zoo network \`squeezenet1.1\` cannot be built with this grouping
  why:   its groups are part of its architecture
  help:  leave --g and --G away`);
  });
});

async function run(file: Uint8Array, image: Float32Array): Promise<Float32Array> {
  const size = Math.sqrt(image.length / 3);
  const session = await ort.InferenceSession.create(file);
  const result = await session.run({ input: new ort.Tensor("float32", image, [1, 3, size, size]) });
  const data = Object.values(result)[0].data.slice() as Float32Array;
  await session.release();
  return data;
}

describe("the noise image sees what the network would see of it", () => {
  const conv = (net: NetBuilder, x: Layer): Layer => net.biasedConv("c", x, 8, { kernel: 3, stride: 2 });
  const hanging = { kernel: 3, stride: 2, pad: 0, ceil: true } as const;
  const layers: Readonly<Record<string, (net: NetBuilder) => Layer>> = {
    "a convolution with padding of its own": (net) =>
      net.biasedConv("c", net.input, 4, { kernel: 1, pad: 1, gain: 2 }),
    "a depthwise convolution and a batch norm": (net) =>
      net.batchNorm("n", net.conv("c", net.input, 3, { kernel: 5, stride: 2, groups: 3 })),
    "a pool whose last window hangs over": (net) => net.maxPool("p", conv(net, net.input), hanging),
    "a pool that keeps the size": (net) =>
      net.maxPool("p", conv(net, net.input), { kernel: 3, stride: 1, pad: 1 }),
    "an average without its padding": (net) => net.averagePool("p", conv(net, net.input)),
    "channels dealt out, half of them": (net) => {
      const shuffled = net.channelShuffle("s", conv(net, net.input), 2);
      return net.concat("j", [net.slice("h", shuffled, 4, 4), net.slice("l", shuffled, 1, 2)]);
    },
    "a gate for each channel": (net) => {
      const x = conv(net, net.input);
      const gate = net.biasedConv("g", net.globalPool("p", x), 8, { kernel: 1 });
      return net.scale("m", x, net.activate("a", gate, "sigmoid"));
    },
    "a fully connected layer": (net) =>
      net.dense("d", net.flatten("f", net.globalPool("p", net.input)), 7, 2),
    ...Object.fromEntries(
      (["relu", "sigmoid", "hard-sigmoid", "hard-swish", "silu"] as const).map((activation) => [
        activation,
        (net: NetBuilder) =>
          net.activate("a", net.biasedConv("c", net.input, 4, { kernel: 1, gain: 3 }), activation),
      ]),
    ),
  };

  test.each(Object.entries(layers))("%s", async (_, build) => {
    const net = makeNetBuilder({}, { inputSize: 16, seed: 1, sampleSize: 16 });
    const output = build(net);
    const wanted = await run(exportOnnx(net.finish("one", output)), net.input.sample.data);
    const { data, channels, height, width } = output.sample;
    expect([1, channels, height, width].slice(0, output.shape.length)).toEqual(output.shape);
    expect(data.length).toBe(wanted.length);
    data.forEach((v, i) => {
      expect(v).toBeCloseTo(wanted[i] as number, 4);
    });
  });
});

test("windows along a side", () => {
  const pool: Window = { kernel: 3, stride: 2, pad: 0 };
  const counts = (window: Window): readonly number[] =>
    [0, 1, 3, 4, 5].map((size) => windowCount(size, window));
  expect(counts(pool)).toEqual([0, 0, 1, 1, 2]);
  expect(counts({ ...pool, ceil: true })).toEqual([0, 0, 1, 2, 2]);
  expect(counts({ ...pool, pad: 1 })).toEqual([0, 1, 2, 2, 3]);
  // The third would begin behind the input of 3.
  expect(windowCount(3, { kernel: 1, stride: 2, pad: 0, ceil: true })).toBe(2);
  expect(windowCount(2, { kernel: 1, stride: 2, pad: 0, ceil: true })).toBe(1);
});
