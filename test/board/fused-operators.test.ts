import { describe } from "vitest";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { floatsAttribute, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

const IMAGE = [2, 8, 7, 6];

function fused(
  type: string,
  inputs: Readonly<Record<string, readonly number[]>>,
  known: Readonly<Record<string, readonly number[]>>,
  attributes: Parameters<typeof node>[3] = {},
  more: { readonly params?: readonly number[]; readonly results?: readonly string[] } = {},
): OperatorModel {
  const own = node(type, [...Object.keys(inputs), ...Object.keys(known)], "y", attributes, more.results);
  const params = more.params === undefined ? [] : [floatsAttribute("activation_params", more.params)];
  const one: OnnxNode = { ...own, domain: "com.microsoft", attribute: [...(own.attribute ?? []), ...params] };
  return {
    opset: 17,
    inputs,
    outputs: ["y"],
    nodes: [one],
    weights: Object.entries(known).map(([name, dims]) => weights(name, dims)),
  };
}

const conv = (activation: string, params: readonly number[] = []): OperatorModel =>
  fused(
    "FusedConv",
    { x: IMAGE },
    { w: [8, 4, 3, 3], b: [8] },
    { activation, group: 2, pads: [1, 1, 1, 1] },
    { params },
  );

describe("what ONNX Runtime's optimizer joined is the same in parts", () => {
  testOperators(
    {
      "FusedConv Relu": conv("Relu"),
      "FusedConv Tanh": conv("Tanh"),
      "FusedConv LeakyRelu": conv("LeakyRelu", [0.2]),
      "FusedConv HardSigmoid": conv("HardSigmoid", [0.3, 0.4]),
      "FusedConv Clip": conv("Clip", [-0.5, 1.5]),
      "FusedGemm Sigmoid": fused(
        "FusedGemm",
        { x: [3, 7] },
        { w: [7, 5], b: [5] },
        { activation: "Sigmoid" },
      ),
      "FusedGemm LeakyRelu": fused(
        "FusedGemm",
        { x: [3, 7] },
        { w: [5, 7] },
        { activation: "LeakyRelu", activation_alpha: { float: 0.3 }, transB: 1 },
      ),
      FusedMatMul: fused(
        "FusedMatMul",
        { a: [2, 3, 7, 5], b: [2, 3, 6, 7] },
        {},
        { transA: 1, transB: 1, alpha: { float: 0.4 } },
      ),
      Gelu: fused("Gelu", { x: IMAGE }, {}),
      BiasGelu: fused("BiasGelu", { x: [2, 5, 8] }, { bias: [8] }),
      FastGelu: fused("FastGelu", { x: [2, 5, 8] }, { bias: [8] }),
      QuickGelu: fused("QuickGelu", { x: IMAGE }, {}),
      SkipLayerNormalization: fused(
        "SkipLayerNormalization",
        { x: [2, 5, 16], skip: [2, 5, 16] },
        { gamma: [16], beta: [16], bias: [16] },
        { epsilon: { float: 1e-3 } },
      ),
    },
    { boards: ["host", "qemu-rpi4"] },
  );
});
