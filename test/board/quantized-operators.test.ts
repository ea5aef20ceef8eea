import { describe } from "vitest";
import type { OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

const [UINT8, INT8, INT16, INT32] = [2, 3, 5, 6];
const IMAGE = [2, 8, 7, 6];

/** Seeded whole numbers of a type, or those given. */
function whole(name: string, dims: readonly number[], type: number, values?: readonly number[]): OnnxTensor {
  const count = dims.reduce((a, b) => a * b, 1);
  const rng = makeRng(count + name.length);
  const any = (): number => (type === UINT8 ? rng.int(256) : rng.int(255) - 127);
  const data = values ?? Array.from({ length: count }, any);
  const held = {
    [UINT8]: Uint8Array,
    [INT8]: Int8Array,
    [INT16]: Int16Array,
    [INT32]: Int32Array,
  }[type] as typeof Int32Array;
  return { name, dims, dataType: type, rawData: new Uint8Array(held.from(data).buffer) };
}

const scale = (name: string, ...values: readonly number[]): OnnxTensor =>
  weights(name, values.length === 1 ? [] : [values.length], values);
const zero = (name: string, type: number, ...values: readonly number[]): OnnxTensor =>
  whole(name, values.length === 1 ? [] : [values.length], type, values);

const quantize = (x: string, by: string, y: string, attributes = {}): OnnxNode =>
  node("QuantizeLinear", [x, `${by}_scale`, `${by}_zero`], y, attributes);
const dequantize = (x: string, by: string, y: string, attributes = {}): OnnxNode =>
  node("DequantizeLinear", [x, `${by}_scale`, `${by}_zero`], y, attributes);
const both = (x: string, by: string, y: string): readonly OnnxNode[] => [
  quantize(x, by, `${y}_steps`),
  dequantize(`${y}_steps`, by, y),
];

const CHANNELS = [0.011, 0.5, 0.0625, 0.03, 0.2, 0.07, 0.9, 0.0101];
const MOVED = [0, 3, -7, 12, 0, -100, 1, 5];

const alone: Record<string, OperatorModel> = {
  uint8: {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { y: UINT8 },
    nodes: [quantize("x", "a", "y")],
    weights: [scale("a_scale", 0.0173), zero("a_zero", UINT8, 131)],
  },
  int8: {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { y: INT8 },
    nodes: [quantize("x", "a", "y")],
    weights: [scale("a_scale", 0.0173), zero("a_zero", INT8, -5)],
  },
  "opset 10, no zero point": {
    opset: 10,
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { y: UINT8 },
    nodes: [node("QuantizeLinear", ["x", "a_scale"], "y")],
    weights: [scale("a_scale", 0.25)],
  },
  "16 bits": {
    opset: 21,
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { y: INT16 },
    nodes: [quantize("x", "a", "y")],
    weights: [scale("a_scale", 0.0007), zero("a_zero", INT16, 1000)],
  },
  "a type that is named": {
    opset: 21,
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { y: INT8 },
    nodes: [node("QuantizeLinear", ["x", "a_scale"], "y", { output_dtype: INT8 })],
    weights: [scale("a_scale", 0.02)],
  },
  "channels of their own": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { y: INT8 },
    nodes: [quantize("x", "a", "y", { axis: 1 })],
    weights: [scale("a_scale", ...CHANNELS), zero("a_zero", INT8, ...MOVED)],
  },
  "the last axis": {
    inputs: { x: [3, 8] },
    outputs: ["y"],
    types: { y: UINT8 },
    nodes: [node("QuantizeLinear", ["x", "a_scale"], "y", { axis: -1 })],
    weights: [scale("a_scale", ...CHANNELS)],
  },
  "taken back": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: UINT8 },
    nodes: [dequantize("x", "a", "y")],
    weights: [scale("a_scale", 0.0173), zero("a_zero", UINT8, 3)],
  },
  "taken back by channel": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: INT8 },
    nodes: [dequantize("x", "a", "y")],
    weights: [scale("a_scale", ...CHANNELS), zero("a_zero", INT8, ...MOVED)],
  },
  "both, taken twice": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    nodes: [
      node("Relu", ["x"], "positive"),
      quantize("positive", "a", "q"),
      dequantize("q", "a", "one"),
      dequantize("q", "a", "other"),
      node("MaxPool", ["one"], "most", { kernel_shape: [2, 2], pads: [0, 0, 1, 1] }),
      ...both("most", "a", "again"),
      node("Add", ["again", "other"], "y"),
    ],
    weights: [scale("a_scale", 0.021), zero("a_zero", UINT8, 17)],
  },
  "maxima of steps": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: INT8, y: INT8 },
    nodes: [node("MaxPool", ["x"], "y", { kernel_shape: [3, 2], pads: [1, 0, 1, 1] })],
  },
  "kept as steps, too": {
    inputs: { x: IMAGE },
    outputs: ["q", "y"],
    types: { q: UINT8 },
    nodes: [quantize("x", "a", "q"), dequantize("q", "a", "y")],
    weights: [scale("a_scale", 0.021), zero("a_zero", UINT8, 100)],
  },
  "other steps behind": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    nodes: [...both("x", "a", "coarse"), ...both("coarse", "b", "y")],
    weights: [
      ...[scale("a_scale", 0.13), zero("a_zero", INT8, 0)],
      ...[scale("b_scale", 0.05), zero("b_zero", INT8, 10)],
    ],
  },
  "weights quantized in the file": {
    inputs: { x: [4, 8] },
    outputs: ["y"],
    nodes: [
      quantize("w", "a", "w_steps", { axis: 0 }),
      dequantize("w_steps", "a", "w_back", { axis: 0 }),
      node("MatMul", ["x", "w_back"], "y"),
    ],
    weights: [
      weights("w", [8, 5]),
      ...[scale("a_scale", ...CHANNELS), zero("a_zero", INT8, ...MOVED.map(() => 0))],
    ],
  },
  "weights in blocks": {
    opset: 21,
    inputs: { x: [4, 8] },
    outputs: ["y"],
    nodes: [
      node("DequantizeLinear", ["w", "w_scale", "w_zero"], "back", { axis: 0, block_size: 4 }),
      node("MatMul", ["x", "back"], "y"),
    ],
    weights: [
      whole("w", [8, 3], INT8),
      weights("w_scale", [2, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
      whole("w_zero", [2, 3], INT8, [0, 1, 2, 3, -4, 5]),
    ],
  },
};

const layer = (x: string, w: string, y: string, attributes = {}): readonly OnnxNode[] => [
  dequantize(w, w, `${w}_floats`, { axis: 0 }),
  node("DequantizeLinear", [`${w}_bias`, `${w}_bias_scale`], `${w}_bias_floats`, { axis: 0 }),
  node("Conv", [x, `${w}_floats`, `${w}_bias_floats`], y, attributes),
];
const layerWeights = (
  w: string,
  dims: readonly number[],
  scales: readonly number[],
): readonly OnnxTensor[] => [
  whole(w, dims, INT8),
  ...[scale(`${w}_scale`, ...scales), zero(`${w}_zero`, INT8, ...scales.map(() => 0))],
  whole(`${w}_bias`, [dims[0]], INT32),
  scale(`${w}_bias_scale`, ...scales.map((s) => s * 0.5)),
];
const small = CHANNELS.map((s) => s / 61.7);

const QUANTIZED_LAYER = [...["x", "x_scale", "x_zero", "w", "w_scale", "w_zero"], ...["y_scale", "y_zero"]];

// Scales whose products and quotients are no simple fractions: a sum in the middle between two steps may become either.
const networks: Record<string, OperatorModel> = {
  "a network as exporters write it": {
    inputs: { x: [1, 8, 9, 8] },
    outputs: ["y"],
    nodes: [
      ...both("x", "a", "xs"),
      ...layer("xs", "v", "first", { pads: [1, 1, 1, 1] }),
      node("Relu", ["first"], "positive"),
      ...both("positive", "b", "bs"),
      node("MaxPool", ["bs"], "pooled", { kernel_shape: [2, 2], strides: [2, 2] }),
      ...both("pooled", "b", "ps"),
      ...layer("ps", "w", "second", { pads: [1, 1, 1, 1], group: 4 }),
      ...both("second", "c", "cs"),
      node("Add", ["cs", "ps"], "sum"),
      ...both("sum", "c", "y"),
    ],
    weights: [
      ...[scale("a_scale", 0.031337), zero("a_zero", UINT8, 120)],
      ...[scale("b_scale", 0.051749), zero("b_zero", UINT8, 0)],
      ...[scale("c_scale", 0.063391), zero("c_zero", UINT8, 128)],
      ...layerWeights("v", [8, 8, 3, 3], small),
      ...layerWeights("w", [8, 2, 3, 3], small),
    ],
  },
  QLinearConv: {
    opset: 10,
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: UINT8, y: UINT8 },
    nodes: [node("QLinearConv", QUANTIZED_LAYER, "y", { pads: [1, 1, 1, 1], strides: [2, 2] })],
    weights: [
      ...[scale("x_scale", 0.031337), zero("x_zero", UINT8, 3)],
      ...[whole("w", [12, 8, 3, 3], UINT8), scale("w_scale", 0.010471), zero("w_zero", UINT8, 127)],
      ...[scale("y_scale", 0.312989), zero("y_zero", UINT8, 90)],
    ],
  },
  "QLinearConv by channel, in groups, with a bias": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: INT8, y: INT8 },
    nodes: [node("QLinearConv", [...QUANTIZED_LAYER, "bias"], "y", { group: 2 })],
    weights: [
      ...[scale("x_scale", 0.031337), zero("x_zero", INT8, -3)],
      ...[whole("w", [8, 4, 1, 1], INT8), scale("w_scale", ...small)],
      ...[zero("w_zero", INT8, ...CHANNELS.map(() => 0)), whole("bias", [8], INT32)],
      ...[scale("y_scale", 0.312989), zero("y_zero", INT8, 9)],
    ],
  },
  "layers behind each other": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: UINT8, y: UINT8 },
    nodes: [
      node("QLinearConv", QUANTIZED_LAYER, "middle"),
      node(
        "QLinearConv",
        ["middle", "y_scale", "y_zero", "v", "w_scale", "w_zero", "y_scale", "y_zero"],
        "y",
      ),
    ],
    weights: [
      ...[scale("x_scale", 0.031337), zero("x_zero", UINT8, 3)],
      ...[whole("w", [16, 8, 1, 1], UINT8), scale("w_scale", 0.010471), zero("w_zero", UINT8, 127)],
      ...[whole("v", [4, 16, 3, 3], UINT8), scale("y_scale", 0.312989), zero("y_zero", UINT8, 90)],
    ],
  },
  QLinearMatMul: {
    inputs: { a: [2, 4, 6] },
    outputs: ["y"],
    types: { a: UINT8, y: UINT8 },
    nodes: [
      node("QLinearMatMul", ["a", "a_scale", "a_zero", "b", "b_scale", "b_zero", "y_scale", "y_zero"], "y"),
    ],
    weights: [
      ...[scale("a_scale", 0.310013), zero("a_zero", UINT8, 2)],
      ...[whole("b", [6, 5], UINT8), scale("b_scale", 0.01), zero("b_zero", UINT8, 127)],
      ...[scale("y_scale", 0.112233), zero("y_zero", UINT8, 90)],
    ],
  },
};

/** A tensor quantized by what is in it, as `of`. */
const byItself = (x: string, of: string): OnnxNode =>
  node("DynamicQuantizeLinear", [x], of, {}, [`${of}_scale`, `${of}_zero`]);
const dynamic: Record<string, OperatorModel> = {
  DynamicQuantizeLinear: {
    inputs: { x: IMAGE },
    outputs: ["y", "y_scale", "y_zero"],
    types: { y: UINT8, y_zero: UINT8 },
    nodes: [byItself("x", "y")],
  },
  "of numbers above 0": {
    inputs: { x: IMAGE },
    values: "positive",
    outputs: ["y", "y_scale", "y_zero"],
    types: { y: UINT8, y_zero: UINT8 },
    nodes: [byItself("x", "y")],
  },
  "of zeros": {
    inputs: { x: IMAGE },
    outputs: ["y", "y_scale", "y_zero"],
    types: { y: UINT8, y_zero: UINT8 },
    nodes: [node("Mul", ["x", "none"], "zeros"), byItself("zeros", "y")],
    weights: [weights("none", [], [0])],
  },
  ConvInteger: {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: UINT8, y: INT32 },
    nodes: [node("ConvInteger", ["x", "w", "x_zero"], "y", { pads: [1, 1, 1, 1], group: 2 })],
    weights: [whole("w", [12, 4, 3, 3], INT8), zero("x_zero", UINT8, 3)],
  },
  "ConvInteger of sequences": {
    inputs: { x: [2, 6, 15] },
    outputs: ["y"],
    types: { x: UINT8, y: INT32 },
    nodes: [node("ConvInteger", ["x", "w", "", "w_zero"], "y", { strides: [2] })],
    weights: [whole("w", [4, 6, 3], INT8), zero("w_zero", INT8, 100)],
  },
  "ConvInteger of padded sequences, each channel alone": {
    inputs: { x: [2, 32, 3] },
    outputs: ["y"],
    types: { x: UINT8, y: INT32 },
    nodes: [node("ConvInteger", ["x", "w", "x_zero"], "y", { pads: [2, 2], group: 32 })],
    weights: [whole("w", [64, 1, 3], INT8), zero("x_zero", UINT8, 9)],
  },
  "ConvInteger in two parts": {
    inputs: { x: [1, 128, 4, 4] },
    outputs: ["y"],
    types: { x: UINT8, y: INT32 },
    nodes: [node("ConvInteger", ["x", "w", "x_zero"], "y", { pads: [1, 1, 1, 1] })],
    weights: [whole("w", [4, 128, 3, 3], INT8), zero("x_zero", UINT8, 2)],
  },
  MatMulInteger: {
    inputs: { a: [2, 3, 7] },
    outputs: ["y"],
    types: { a: INT8, y: INT32 },
    nodes: [node("MatMulInteger", ["a", "b", "a_zero", "b_zero"], "y")],
    weights: [whole("b", [7, 5], INT8), zero("a_zero", INT8, -3), zero("b_zero", INT8, 1, -2, 0, 9, 5)],
  },
  "MatMulInteger in two parts, both computed": {
    inputs: { a: [3, 700], b: [5, 7], c: [7, 6] },
    outputs: ["y", "z"],
    types: { a: UINT8, b: UINT8, c: INT8, y: INT32, z: INT32 },
    nodes: [node("MatMulInteger", ["a", "w"], "y"), node("MatMulInteger", ["b", "c", "b_zero"], "z")],
    weights: [whole("w", [700, 4], INT8), zero("b_zero", UINT8, 4)],
  },
  "a layer as dynamic quantization writes it": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    nodes: [
      byItself("x", "q"),
      node("ConvInteger", ["q", "w", "q_zero", "w_zero"], "sums", { pads: [1, 1, 1, 1] }),
      node("Cast", ["sums"], "floats", { to: 1 }),
      node("Mul", ["q_scale", "w_scale"], "both"),
      node("Mul", ["floats", "both"], "scaled"),
      node("Add", ["scaled", "bias"], "y"),
    ],
    weights: [
      ...[whole("w", [8, 8, 3, 3], INT8), zero("w_zero", INT8, 0), scale("w_scale", 0.01)],
      weights("bias", [1, 8, 1, 1]),
    ],
  },
};

const contributed = (opType: string, inputs: readonly string[], attributes = {}): OnnxNode => ({
  ...node(opType, inputs, "y", attributes),
  domain: "com.microsoft",
});
const steps = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, `${name}_scale`, `${name}_zero`]);
const scales = (names: readonly string[], type = UINT8): readonly OnnxTensor[] =>
  names.flatMap((name, i) => [
    scale(`${name}_scale`, 0.031337 * (1 + 0.31 * i)),
    zero(`${name}_zero`, type, type === UINT8 ? 120 - 7 * i : 3 - 2 * i),
  ]);
const TO_Y = ["y_scale", "y_zero"];

/** ONNX Runtime's own operators. */
const runtimes: Record<string, OperatorModel> = {
  ...Object.fromEntries(
    ["QLinearAdd", "QLinearMul"].map((type) => [
      type,
      {
        inputs: { a: IMAGE, b: [8, 1, 1] },
        outputs: ["y"],
        types: { a: UINT8, b: UINT8, y: UINT8 },
        nodes: [contributed(type, [...steps("a", "b"), ...TO_Y])],
        weights: scales(["a", "b", "y"]),
      } satisfies OperatorModel,
    ]),
  ),
  QLinearAveragePool: {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: UINT8, y: UINT8 },
    nodes: [
      contributed("QLinearAveragePool", [...steps("x"), ...TO_Y], {
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
        channels_last: 0,
      }),
    ],
    weights: scales(["x", "y"]),
  },
  QLinearGlobalAveragePool: {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: INT8, y: INT8 },
    nodes: [contributed("QLinearGlobalAveragePool", [...steps("x"), ...TO_Y], { channels_last: 0 })],
    weights: scales(["x", "y"], INT8),
  },
  QLinearLeakyRelu: {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: INT8, y: INT8 },
    nodes: [contributed("QLinearLeakyRelu", [...steps("x"), ...TO_Y], { alpha: { float: 0.2 } })],
    weights: scales(["x", "y"], INT8),
  },
  QLinearSigmoid: {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { x: INT8, y: INT8 },
    nodes: [contributed("QLinearSigmoid", [...steps("x"), ...TO_Y])],
    weights: scales(["x", "y"], INT8),
  },
  ...Object.fromEntries(
    [
      ...[
        { opset: 13 },
        { opset: 13, axis: 1 },
        { opset: 12, axis: 1 },
        { opset: 12, axis: 3 },
        { opset: 12 },
      ],
    ].flatMap((attributes) =>
      [UINT8, INT8].map((type) => [
        `QLinearSoftmax ${JSON.stringify(attributes)} of ${type}`,
        {
          inputs: { x: IMAGE },
          outputs: ["y"],
          types: { x: type, y: type },
          nodes: [contributed("QLinearSoftmax", [...steps("x"), ...TO_Y], attributes)],
          weights: [
            ...scales(["x"], type),
            scale("y_scale", 0.0031),
            zero("y_zero", type, type === UINT8 ? 0 : -128),
          ],
        } satisfies OperatorModel,
      ]),
    ),
  ),
  QLinearConcat: {
    inputs: { a: IMAGE, b: [2, 3, 7, 6] },
    outputs: ["y"],
    types: { a: UINT8, b: UINT8, y: UINT8 },
    nodes: [contributed("QLinearConcat", [...TO_Y, ...steps("a", "b")], { axis: 1 })],
    weights: scales(["a", "b", "y"]),
  },
  QGemm: {
    inputs: { a: [3, 7] },
    outputs: ["y"],
    types: { a: UINT8, y: UINT8 },
    nodes: [contributed("QGemm", [...steps("a", "b"), "c", ...TO_Y], { transB: 1 })],
    weights: [
      ...scales(["a", "b"]),
      whole("b", [5, 7], UINT8),
      whole("c", [5], INT32),
      scale("y_scale", 0.71),
      zero("y_zero", UINT8, 3),
    ],
  },
  "QGemm by column, a bias for each result": {
    inputs: { a: [3, 7] },
    outputs: ["y"],
    types: { a: UINT8, y: UINT8 },
    nodes: [contributed("QGemm", [...steps("a", "b"), "c", ...TO_Y])],
    weights: [
      ...scales(["a"]),
      ...[whole("b", [7, 3], UINT8), scale("b_scale", 0.01, 0.03, 0.007), zero("b_zero", UINT8, 120, 90, 3)],
      whole("c", [3, 3], INT32, [850, -5132, 121, -256, 1667, -430, 8469, -228, 5509]),
      ...[scale("y_scale", 0.31), zero("y_zero", UINT8, 103)],
    ],
  },
  "QLinearAdd whose result has no zero point": {
    inputs: { a: IMAGE },
    outputs: ["y"],
    types: { a: INT8, y: INT8 },
    nodes: [contributed("QLinearAdd", [...steps("a", "b"), "y_scale"])],
    weights: [...scales(["a", "b"], INT8), ...[whole("b", IMAGE, INT8), scale("y_scale", 0.0173)]],
  },
  "QGemm to floats": {
    inputs: { a: [3, 7] },
    outputs: ["y"],
    types: { a: INT8 },
    nodes: [contributed("QGemm", steps("a", "b"), { alpha: { float: 0.5 } })],
    weights: [...scales(["a", "b"], INT8), whole("b", [7, 5], INT8)],
  },
  "QuantizeLinear of the domain": {
    inputs: { x: IMAGE },
    outputs: ["y"],
    types: { y: INT16 },
    nodes: [contributed("QuantizeLinear", ["x", ...TO_Y])],
    weights: [scale("y_scale", 0.003), zero("y_zero", INT16, 30)],
  },
};

describe("quantized by what is in them", () => testOperators(dynamic, { boards: ["host", "qemu-rpi4"] }));
describe("operators of ONNX Runtime", () =>
  testOperators(runtimes, { boards: ["host", "qemu-rpi4", "qemu-rpi5"] }));
describe("quantized maps", () =>
  testOperators(alone, { boards: ["host", "qemu-rpi4"], written: "imported" }));
describe("quantized layers", () =>
  testOperators(networks, { boards: ["host", "qemu-rpi4", "qemu-rpi5", "qemu-rpi2"], written: "optimised" }));
