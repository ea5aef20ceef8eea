import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { model, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Attributes = Parameters<typeof node>[3];
const X = [2, 8, 21] as const;

function one(type: string, attributes: Attributes = {}, w?: readonly number[], opset = 13): OperatorModel {
  const inputs = w === undefined ? ["x"] : ["x", "w", "b"];
  const channels = type === "Conv" ? w?.[0] : (w?.[1] ?? 0) * Number(attributes?.group ?? 1);
  return {
    opset,
    inputs: { x: X },
    outputs: ["y"],
    nodes: [node(type, inputs, "y", attributes)],
    weights: w === undefined ? [] : [weights("w", w), weights("b", [channels ?? 0])],
  };
}

/** A network on sound, as keyword spotters are. */
const NETWORK: OperatorModel = {
  inputs: { x: [1, 3, 64] },
  outputs: ["y"],
  nodes: [
    node("Conv", ["x", "w1"], "a", { pads: [2, 2], strides: [2] }),
    node("BatchNormalization", ["a", "s", "o", "m", "v"], "b"),
    node("Relu", ["b"], "c"),
    node("Conv", ["c", "w2", "m"], "d", { pads: [1, 1] }),
    node("Add", ["d", "c"], "e"),
    node("PRelu", ["e", "p"], "f"),
    node("MaxPool", ["f"], "g", { kernel_shape: [2], strides: [2] }),
    node("GlobalAveragePool", ["g"], "h"),
    node("Conv", ["h", "w3"], "i"),
    node("Sigmoid", ["i"], "j"),
    node("Mul", ["g", "j"], "k"),
    node("ConvTranspose", ["k", "w4"], "l", { strides: [2] }),
    node("Concat", ["l", "c"], "n", { axis: 1 }),
    node("Conv", ["n", "w5"], "q", { group: 4, dilations: [2] }),
    node("Flatten", ["q"], "r"),
    node("Gemm", ["r", "w6"], "y"),
  ],
  weights: [
    weights("w1", [16, 3, 5]),
    ...["s", "o", "m"].map((name) => weights(name, [16])),
    weights(
      "v",
      [16],
      Array.from({ length: 16 }, (_, i) => 0.5 + i),
    ),
    weights("w2", [16, 16, 3]),
    weights("p", [16, 1]),
    weights("w3", [16, 16, 1]),
    weights("w4", [16, 16, 2]),
    weights("w5", [8, 8, 3]),
    weights("w6", [8 * 28, 5]),
  ],
};

const models: Readonly<Record<string, OperatorModel>> = {
  Conv: one("Conv", {}, [12, 8, 3]),
  "Conv, strides and pads": one("Conv", { strides: [2], pads: [2, 1], kernel_shape: [5] }, [12, 8, 5]),
  "Conv, dilated, in groups": one("Conv", { dilations: [3], group: 4 }, [8, 2, 3]),
  "Conv, depthwise": one("Conv", { group: 8, auto_pad: "SAME_UPPER" }, [8, 1, 4]),
  "Conv of 1": one("Conv", {}, [5, 8, 1]),
  ConvTranspose: one("ConvTranspose", { strides: [2] }, [8, 16, 2]),
  "ConvTranspose of 4 by 2": one("ConvTranspose", { strides: [2], pads: [1, 1] }, [8, 16, 4]),
  "ConvTranspose of 16 by 8": one("ConvTranspose", { strides: [8], pads: [4, 4] }, [8, 3, 16]),
  "ConvTranspose of 3 by 2": one(
    "ConvTranspose",
    { strides: [2], pads: [1, 0], output_padding: [1], group: 2 },
    [8, 4, 3],
  ),
  "ConvTranspose of a shape": one("ConvTranspose", { strides: [2], output_shape: [42] }, [8, 4, 3]),
  MaxPool: one("MaxPool", { kernel_shape: [3], strides: [2], pads: [1, 0] }),
  "MaxPool, ceil_mode": one("MaxPool", { kernel_shape: [2], strides: [2], ceil_mode: 1 }),
  "MaxPool, dilated": one("MaxPool", { kernel_shape: [3], dilations: [2] }),
  AveragePool: one("AveragePool", { kernel_shape: [3], strides: [2], pads: [1, 1] }),
  "AveragePool, padding counted": one("AveragePool", {
    kernel_shape: [4],
    pads: [1, 2],
    count_include_pad: 1,
  }),
  "AveragePool of all": one("AveragePool", { kernel_shape: [21] }),
  GlobalAveragePool: one("GlobalAveragePool"),
  network: NETWORK,
  "a sequence that is read as such": {
    inputs: { x: X },
    outputs: ["y", "z"],
    nodes: [
      node("Conv", ["x", "w"], "a", { pads: [1, 1] }),
      node("Relu", ["a"], "b"),
      node("Transpose", ["b"], "y", { perm: [0, 2, 1] }),
      node("Conv", ["b", "w"], "c", { pads: [1, 1] }),
      node("Add", ["c", "x"], "d"),
      node("Concat", ["d", "x"], "e", { axis: 2 }),
      node("Softmax", ["e"], "z", { axis: 2 }),
    ],
    weights: [weights("w", [8, 8, 3])],
  },
};

describe("windows along sequences are ONNX Runtime's", () => {
  testOperators(models, { boards: ["host", "qemu-rpi4"] });
});

test("a network of sequences has the copies that one of images would have", () => {
  const graph = optimizeGraph(importOnnx(model(NETWORK)));
  expect(graph.nodes.map(({ op }) => op.kind).join(" ")).toBe(
    "reshape conv2d conv2d pool global-avg-pool conv2d mul conv2d depth-to-space concat conv2d reshape dense",
  );
  const copies = planNetwork(graph, 4).steps.filter(({ task }) => task.op === "copy");
  // the input as it is given, rows, the order of groups, the output as it is asked for
  expect(copies.map(({ name }) => name)).toEqual([
    "x/repack",
    "l_node/rows",
    "n_node/repack",
    "y_node/repack",
  ]);
});
