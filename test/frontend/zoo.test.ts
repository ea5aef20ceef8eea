import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { findZooNetwork, type ZooOptions, zooNetworks } from "../../compiler/frontend/zoo/index.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { sample } from "../support/amount.ts";
import { messageOf } from "./onnx-model.ts";

const SIZE = 64;
const NETWORKS: readonly (readonly [string, ZooOptions])[] = [
  ["wrn-40-2", { g: 4 }],
  ["resnext50", {}],
  ["wrn-40-2", {}],
  ["mobilenet-v1", { G: 8 }],
  ["mobilenet-v1", {}],
  ["resnet34", { g: 4 }],
  ["shufflenet-v1", {}],
];

/** Weights of convolutions and the classifier, and their multiply-adds; no bias, no batch norm. */
function cost(graph: Graph): { readonly params: number; readonly macs: number } {
  let [params, macs] = [0, 0];
  for (const { op, inputs, output } of graph.nodes) {
    if (op.kind !== "conv2d" && op.kind !== "dense") continue;
    const weights = graph.tensors.get(inputs[1] as string)?.data?.length ?? 0;
    const positions = (graph.tensors.get(output)?.shape ?? []).slice(2).reduce((a, b) => a * b, 1);
    params += weights;
    macs += weights * positions;
  }
  return { params: params / 1e6, macs: macs / 1e6 };
}

describe("every network", () => {
  test.each(sample(NETWORKS, 3))(
    "%s %j runs in ONNX Runtime with sane, differing outputs",
    async (name, options) => {
      const graph = findZooNetwork(name).build({ ...options, inputSize: SIZE });
      const bytes = exportOnnx(graph);
      const again = importOnnx(bytes);
      expect(again.nodes).toEqual(graph.nodes);
      expect(sha256(exportOnnx(again))).toBe(sha256(bytes));
      const session = await ort.InferenceSession.create(bytes);
      const rng = makeRng(5);
      const outputs: Float32Array[] = [];
      for (let image = 0; image < 3; image++) {
        const data = Float32Array.from({ length: 3 * SIZE * SIZE }, () => rng.normal());
        const result = await session.run({ input: new ort.Tensor("float32", data, [1, 3, SIZE, SIZE]) });
        outputs.push(Object.values(result)[0].data.slice() as Float32Array);
      }
      await session.release();
      for (const output of outputs) expect(Math.max(...output.map(Math.abs))).toBeLessThan(100);
      const [first, second] = outputs as [Float32Array, Float32Array];
      const range = Math.max(...first) - Math.min(...first);
      expect(range).toBeGreaterThan(0.05);
      expect(Math.max(...first.map((v, i) => Math.abs(v - (second[i] as number))))).toBeGreaterThan(
        0.1 * range,
      );
    },
  );

  test("the same seed gives the same bytes, another seed others", () => {
    const bytes = (seed: number): string =>
      sha256(exportOnnx(findZooNetwork("shufflenet-v1").build({ seed, inputSize: SIZE })));
    expect(bytes(1)).toBe(bytes(1));
    expect(bytes(1)).not.toBe(bytes(2));
  });
});

/** E2GC (Jha et al. 2020), result tables, 224x224: parameters and multiply-adds in millions, to two digits. */
const E2GC = [
  [
    "mobilenet-v1",
    "G",
    [
      [1, 4.2, 568.74],
      [2, 4.25, 586.13],
      [4, 4.34, 620.9],
      [8, 4.52, 690.44],
      [16, 4.87, 829.53],
      [32, 5.59, 1107.71],
    ],
  ],
  [
    "mobilenet-v1",
    "g",
    [
      [2, 16.72, 2690.06],
      [4, 10.44, 1620.71],
      [8, 7.3, 1086.03],
      [16, 5.73, 818.69],
      [32, 4.95, 685.02],
    ],
  ],
  [
    "resnext50",
    "G",
    [
      [1, 23.61, 4020],
      [2, 23.68, 4050],
      [4, 23.82, 4100],
      [8, 24.09, 4200],
      [16, 24.63, 4400],
      [32, 25.72, 4800],
    ],
  ],
  [
    "resnext50",
    "g",
    [
      [2, 46.18, 7700],
      [4, 34.86, 5850],
      [8, 29.2, 4920],
      [16, 26.37, 4460],
      [32, 24.96, 4230],
    ],
  ],
] as const;

describe("parameters and multiply-adds are those of the E2GC paper", () => {
  test.each(
    sample(
      E2GC.flatMap(([name, by, rows]) => rows.map((row) => [name, by, ...row] as const)),
      4,
    ),
  )("%s %s=%i", (name, by, count, params, macs) => {
    const found = cost(findZooNetwork(name).build({ [by]: count, shapesOnly: true }));
    expect(Math.abs(found.params - params)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(found.macs - macs)).toBeLessThanOrEqual(name === "resnext50" ? 10 : 0.01);
  });

  test("the others have their papers' sizes", () => {
    const millions = (name: string, options: ZooOptions = {}): readonly number[] => {
      const { params, macs } = cost(findZooNetwork(name).build({ ...options, shapesOnly: true }));
      return [Number(params.toFixed(2)), Math.round(macs)];
    };
    expect(millions("resnet34")).toEqual([21.78, 3664]);
    expect(millions("wrn-40-2")).toEqual([2.24, 328]);
    expect(millions("shufflenet-v1")[1]).toBe(137);
  });
});

describe("grouping", () => {
  const groupsOf = (graph: Graph): readonly number[] =>
    [...new Set(graph.nodes.flatMap(({ op }) => (op.kind === "conv2d" ? [op.groups] : [])))].sort(
      (a, b) => a - b,
    );

  test("--g and --G", () => {
    expect(groupsOf(findZooNetwork("resnet34").build({ g: 4, shapesOnly: true }))).toEqual([1, 4]);
    expect(groupsOf(findZooNetwork("wrn-40-2").build({ G: 1, shapesOnly: true }))).toEqual([
      1, 16, 32, 64, 128,
    ]);
    expect(findZooNetwork("resnet34").build({ g: 4, shapesOnly: true }).name).toBe("resnet34-g4");
  });

  test("F203 both, or no divisor", () => {
    expect(
      messageOf(() => findZooNetwork("resnet34").build({ g: 4, G: 4 })),
    ).toBe(`error[F203]: zoo network \`resnet34\` cannot be built with this grouping
  why:   --g and --G were both given
  help:  --g counts groups, --G channels per group: give one`);
    expect(
      messageOf(() => findZooNetwork("mobilenet-v1").build({ g: 64 })),
    ).toBe(`error[F203]: zoo network \`mobilenet-v1\` cannot be built with this grouping
  why:   --g 64 does not divide the 32 channels of layer \`block1.conv1\`
  help:  choose a divisor of 32; --G 1 makes the layers depthwise`);
    expect(
      messageOf(() => findZooNetwork("shufflenet-v1").build({ g: 5 })),
    ).toBe(`error[F203]: zoo network \`shufflenet-v1\` cannot be built with this grouping
  why:   its paper gives channel counts for 1, 2, 3, 4 and 8 groups only
  help:  give one of --g 1, --g 2, --g 3, --g 4, --g 8`);
  });

  test("the list", () => {
    expect([...zooNetworks.keys()]).toEqual([
      "resnext50",
      "mobilenet-v1",
      "resnet34",
      "wrn-40-2",
      "shufflenet-v1",
      "mobilenet-v2",
      "mobilenet-v3",
      "squeezenet1.1",
      "shufflenet-v2",
      "mnasnet1.0",
      "proxylessnas",
      "efficientnet-b0",
      "regnety-400mf",
      "googlenet",
      "resnet18",
      "resnet50",
      "densenet121",
      "densenet201",
    ]);
  });
});
