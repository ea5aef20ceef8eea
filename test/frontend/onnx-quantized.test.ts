import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { type ModelText, messageOf, model, node, weights } from "./onnx-model.ts";

const [UINT8, INT8, INT32] = [2, 3, 6];
const X = { x: [1, 4, 6, 6] } as const;

function bytes(name: string, dims: readonly number[], type: number, fill = 1): OnnxTensor {
  const count = dims.reduce((a, b) => a * b, 1) * (type === INT32 ? 4 : 1);
  return { name, dims, dataType: type, rawData: new Uint8Array(count).fill(fill) };
}
const scale = (...values: readonly number[]): OnnxTensor =>
  weights("s", values.length === 1 ? [] : [values.length], values);
const quantize = node("QuantizeLinear", ["x", "s", "z"], "q");
const dequantize = node("DequantizeLinear", ["q", "s", "z"], "y");
const text = (nodes: readonly OnnxNode[], tensors: readonly OnnxTensor[], more: Partial<ModelText> = {}) => ({
  inputs: X,
  outputs: ["y"],
  nodes,
  weights: tensors,
  ...more,
});
const refusal = (given: ModelText): string => messageOf(() => importOnnx(model(given)));

describe("what is refused", () => {
  test.each([
    ["a scale of 0", [scale(0), bytes("z", [], UINT8)], "its scale `s` holds 0"],
    ["a scale that is no number", [scale(Number.NaN), bytes("z", [], UINT8)], "its scale `s` holds NaN"],
    [
      "as many scales as no axis has",
      [scale(1, 2, 3), bytes("z", [3], UINT8)],
      "its scale has shape 3 for axis 1 of 1x4x6x6",
    ],
    [
      "another number of zero points",
      [scale(1), bytes("z", [4], UINT8)],
      "its scale has shape scalar, its zero point 4",
    ],
    ["a zero point of floats", [scale(1), weights("z", [], [0])], "to float32: only to whole numbers"],
    [
      "a type of 32 bits",
      [scale(1), bytes("z", [], INT32)],
      "to int32: only to whole numbers of 8 or 16 bits",
    ],
    ["a scale of whole numbers", [bytes("s", [], UINT8), bytes("z", [], UINT8)], "its scale `s` is uint8"],
  ])("%s", (_, tensors, why) => {
    expect(refusal(text([quantize, dequantize], tensors))).toContain(why);
  });

  test("blocks of a map", () => {
    const one = weights("s", [1, 2, 6, 6]);
    const blocks = node("QuantizeLinear", ["x", "s"], "y", { block_size: 2 });
    const positive = { ...one, rawData: new Uint8Array(new Float32Array(72).fill(1).buffer) };
    expect(refusal(text([blocks], [positive], { opset: 21 }))).toContain("blocks of a map: only of weights");
  });

  test("floats to take back", () => {
    const taken = node("DequantizeLinear", ["x", "s", "z"], "y");
    expect(refusal(text([taken], [scale(1), bytes("z", [], UINT8)]))).toContain("its input `x` is float32");
  });

  test("sums that float32 does not hold, of factors that are not known", () => {
    const product = node("MatMulInteger", ["a", "b"], "y");
    const inputs = { a: [2, 600], b: [600, 3] };
    expect(refusal(text([product], [], { inputs, types: { a: UINT8, b: UINT8, y: INT32 } }))).toContain(
      "of 600 products: sums beyond 16777216 are not exact",
    );
  });

  test("an operator of ONNX Runtime's that is none of quantized maps", () => {
    const other = { ...node("NhwcMaxPool", ["x"], "y"), domain: "com.microsoft" };
    expect(refusal(text([other], []))).toContain(
      "operators of com.microsoft come from ONNX Runtime's optimizer",
    );
  });
});

describe("what becomes of a number that is quantized and taken back", () => {
  const kinds = (given: ModelText): readonly string[] =>
    optimizeGraph(importOnnx(model(given))).nodes.map(({ op }) =>
      "activation" in op && op.activation !== undefined ? `${op.kind} ${op.activation.fn}` : op.kind,
    );
  const w = weights("w", [4, 4, 1, 1]);
  const steps = [scale(0.3), bytes("z", [], UINT8, 9)];

  test("a convolution ends with it, and with the ReLU before", () => {
    const conv = node("Conv", ["x", "w"], "c");
    const relu = node("Relu", ["c"], "r");
    const both = [node("QuantizeLinear", ["r", "s", "z"], "q"), dequantize];
    expect(kinds(text([conv, relu, ...both], [w, ...steps]))).toEqual(["conv2d requantize"]);
  });

  test("alone it divides, by a power of two it multiplies", () => {
    expect(kinds(text([quantize, dequantize], steps))).toEqual(["activation fake-quantize"]);
    expect(kinds(text([quantize, dequantize], [scale(0.25), bytes("z", [], UINT8)]))).toEqual([
      "activation requantize",
    ]);
  });

  test("once for all who take it back, and not again behind what chooses among the results", () => {
    const pool = node("MaxPool", ["a"], "m", { kernel_shape: [2, 2], pads: [0, 0, 1, 1] });
    const nodes = [
      quantize,
      node("DequantizeLinear", ["q", "s", "z"], "a"),
      node("DequantizeLinear", ["q", "s", "z"], "b"),
      pool,
      node("QuantizeLinear", ["m", "s", "z"], "mq"),
      node("DequantizeLinear", ["mq", "s", "z"], "again"),
      node("Add", ["again", "b"], "y"),
    ];
    expect(kinds(text(nodes, steps))).toEqual(["activation fake-quantize", "pool", "add"]);
  });

  test("other steps are other numbers", () => {
    const other = [weights("t", [], [0.2]), bytes("u", [], UINT8, 9)];
    const taken = node("DequantizeLinear", ["q", "t", "u"], "y");
    expect(kinds(text([quantize, taken], [...steps, ...other]))).toEqual([
      "activation quantize",
      "activation dequantize",
    ]);
  });

  test("weights of whole numbers are floats before the network runs", () => {
    const q = bytes("wq", [4, 4, 1, 1], INT8, 3);
    const back = node("DequantizeLinear", ["wq", "s"], "w");
    expect(kinds(text([back, node("Conv", ["x", "w"], "y")], [q, scale(0.5)]))).toEqual(["conv2d"]);
  });
});
