import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { integers, type ModelText, model, node, weights } from "./onnx-model.ts";

/**
 * Each case runs in ONNX Runtime twice: as written, and imported and exported again. Equal results show that the
 * imported graph means what the file means; `kinds` shows how it is expressed.
 */
interface Case extends ModelText {
  readonly kinds: string;
  readonly shape: readonly number[];
}
const IMAGE = { x: [2, 4, 9, 7] } as const;
const one = (of: Omit<Case, "inputs" | "outputs"> & Partial<Pick<Case, "inputs">>): Case => ({
  inputs: IMAGE,
  outputs: ["y"],
  ...of,
});
const conv = (attributes: Parameters<typeof node>[3], w = [6, 4, 3, 3]): Pick<Case, "nodes" | "weights"> => ({
  nodes: [node("Conv", ["x", "w", "b"], "y", attributes)],
  weights: [weights("w", w), weights("b", [w[0] as number])],
});
const bn = [weights("s", [4]), weights("o", [4]), weights("m", [4]), weights("v", [4], [0.5, 1, 2, 3])];

const CASES: Readonly<Record<string, Case>> = {
  "Conv plain": one({ ...conv({}), kinds: "conv2d", shape: [2, 6, 7, 5] }),
  "Conv without bias": one({
    nodes: [node("Conv", ["x", "w"], "y")],
    weights: [weights("w", [6, 4, 1, 1])],
    kinds: "conv2d",
    shape: [2, 6, 9, 7],
  }),
  "Conv grouped": one({
    ...conv({ group: 2, pads: [1, 1, 1, 1] }, [6, 2, 3, 3]),
    kinds: "conv2d",
    shape: [2, 6, 9, 7],
  }),
  "Conv depthwise, strides": one({
    ...conv({ group: 4, strides: [2, 1] }, [8, 1, 3, 3]),
    kinds: "conv2d",
    shape: [2, 8, 4, 5],
  }),
  "Conv dilated": one({
    ...conv({ dilations: [2, 3], pads: [2, 3, 2, 3] }),
    kinds: "conv2d",
    shape: [2, 6, 9, 7],
  }),
  "Conv asymmetric pads": one({
    ...conv({ pads: [0, 1, 2, 3], strides: [2, 2] }),
    kinds: "conv2d",
    shape: [2, 6, 5, 5],
  }),
  "Conv SAME_UPPER": one({
    ...conv({ auto_pad: "SAME_UPPER", strides: [2, 2] }, [6, 4, 4, 4]),
    kinds: "conv2d",
    shape: [2, 6, 5, 4],
  }),
  "Conv SAME_LOWER": one({
    ...conv({ auto_pad: "SAME_LOWER", strides: [2, 2] }, [6, 4, 4, 4]),
    kinds: "conv2d",
    shape: [2, 6, 5, 4],
  }),
  "Conv VALID": one({ ...conv({ auto_pad: "VALID" }), kinds: "conv2d", shape: [2, 6, 7, 5] }),
  "Conv by computed weights": one({
    ...conv({ pads: [1, 0, 0, 1], strides: [2, 1] }),
    inputs: { ...IMAGE, w: [6, 4, 3, 3] },
    weights: [weights("b", [6])],
    kinds: "reshape transpose dynamic-conv2d",
    shape: [2, 6, 4, 6],
  }),
  "Conv by computed weights, grouped, dilated": one({
    ...conv({ group: 2, dilations: [2, 3], pads: [2, 1, 2, 2] }),
    inputs: { ...IMAGE, w: [6, 2, 3, 2] },
    weights: [weights("b", [6])],
    kinds: "reshape transpose dynamic-conv2d",
    shape: [2, 6, 9, 7],
  }),
  "Conv by computed weights and a computed bias, depthwise": one({
    ...conv({ group: 4 }),
    inputs: { ...IMAGE, w: [4, 1, 3, 3], b: [4] },
    weights: [],
    kinds: "reshape transpose dynamic-conv2d reshape elementwise",
    shape: [2, 4, 7, 5],
  }),
  "Conv with a computed bias": one({
    ...conv({}),
    inputs: { ...IMAGE, b: [6] },
    weights: [weights("w", [6, 4, 3, 3])],
    kinds: "conv2d reshape elementwise",
    shape: [2, 6, 7, 5],
  }),
  "Conv of sequences by computed weights and a computed bias": one({
    ...conv({ group: 2, strides: [2] }),
    inputs: { x: [2, 4, 9], w: [6, 2, 3], b: [6] },
    weights: [],
    kinds: "reshape transpose reshape dynamic-conv2d reshape reshape elementwise",
    shape: [2, 6, 4],
  }),
  "Pad then Conv": one({
    nodes: [
      node("Pad", ["x", "p"], "px"),
      node("Conv", ["px", "w"], "y", { strides: [2, 2], pads: [1, 0, 0, 0] }),
    ],
    weights: [integers("p", [0, 0, 1, 2, 0, 0, 0, 1]), weights("w", [6, 4, 3, 3])],
    kinds: "conv2d",
    shape: [2, 6, 5, 4],
  }),
  BatchNormalization: one({
    nodes: [node("BatchNormalization", ["x", "s", "o", "m", "v"], "y", { epsilon: { float: 0.01 } })],
    weights: bn,
    kinds: "batch-norm",
    shape: [2, 4, 9, 7],
  }),
  "BatchNormalization opset 7": one({
    opset: 7,
    nodes: [node("BatchNormalization", ["x", "s", "o", "m", "v"], "y", { momentum: { float: 0.5 } })],
    weights: bn,
    kinds: "batch-norm",
    shape: [2, 4, 9, 7],
  }),
  Relu: one({ nodes: [node("Relu", ["x"], "y")], kinds: "clamp", shape: [2, 4, 9, 7] }),
  "Clip by attributes": one({
    opset: 10,
    nodes: [node("Clip", ["x"], "y", { min: { float: -0.5 }, max: { float: 0.25 } })],
    kinds: "clamp",
    shape: [2, 4, 9, 7],
  }),
  "Clip by inputs": one({
    nodes: [node("Clip", ["x", "", "hi"], "y")],
    weights: [weights("hi", [], [0.5])],
    kinds: "clamp",
    shape: [2, 4, 9, 7],
  }),
  "Clip by computed bounds": one({
    nodes: [
      node("ReduceMin", ["x"], "least", { keepdims: 0 }),
      node("Sigmoid", ["least"], "lo"),
      node("Clip", ["x", "lo", "hi"], "y"),
    ],
    weights: [weights("hi", [], [0.5])],
    kinds: "reduce activation reshape elementwise elementwise",
    shape: [2, 4, 9, 7],
  }),
  "Clip without bounds": one({
    nodes: [node("Clip", ["x"], "c"), node("Relu", ["c"], "y")],
    kinds: "clamp",
    shape: [2, 4, 9, 7],
  }),
  ...Object.fromEntries(
    ["Sigmoid", "Tanh", "Softplus", "Softsign", "Erf", "Elu", "Selu", "LeakyRelu", "HardSigmoid"].map(
      (type) => [type, one({ nodes: [node(type, ["x"], "y")], kinds: "activation", shape: [2, 4, 9, 7] })],
    ),
  ),
  ...Object.fromEntries(
    ["Sub", "Max", "Min"].map((onnx) => [
      `${onnx} of two activations`,
      one({
        nodes: [node("Sigmoid", ["x"], "s"), node(onnx, ["x", "s"], "d"), node("Relu", ["d"], "y")],
        kinds: "activation elementwise clamp",
        shape: [2, 4, 9, 7],
      }),
    ]),
  ),
  "Max with a constant": one({
    nodes: [node("Max", ["x", "c"], "m"), node("Max", ["m"], "y")],
    weights: [weights("c", [1], [0.25])],
    kinds: "clamp reshape",
    shape: [2, 4, 9, 7],
  }),
  HardSwish: one({
    opset: 14,
    nodes: [node("HardSwish", ["x"], "y")],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  Mish: one({ opset: 18, nodes: [node("Mish", ["x"], "y")], kinds: "activation", shape: [2, 4, 9, 7] }),
  Gelu: one({ opset: 20, nodes: [node("Gelu", ["x"], "y")], kinds: "activation", shape: [2, 4, 9, 7] }),
  "Gelu by tanh": one({
    opset: 20,
    nodes: [node("Gelu", ["x"], "y", { approximate: "tanh" })],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "Activations with attributes": one({
    nodes: [
      node("Elu", ["x"], "a", { alpha: { float: 0.5 } }),
      node("Selu", ["a"], "b", { alpha: { float: 1.5 }, gamma: { float: 0.75 } }),
      node("LeakyRelu", ["b"], "c", { alpha: { float: -0.25 } }),
      node("HardSigmoid", ["c"], "y", { alpha: { float: 0.5 }, beta: { float: 0.25 } }),
    ],
    kinds: "activation activation activation activation",
    shape: [2, 4, 9, 7],
  }),
  "PRelu with one slope": one({
    nodes: [node("PRelu", ["x", "a"], "y")],
    weights: [weights("a", [1], [0.2])],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "PRelu of a matrix": one({
    inputs: { x: [3, 5] },
    nodes: [node("PRelu", ["x", "a"], "y")],
    weights: [weights("a", [5])],
    kinds: "prelu",
    shape: [3, 5],
  }),
  "PRelu with a slope per channel": one({
    nodes: [node("PRelu", ["x", "a"], "y")],
    weights: [weights("a", [4, 1, 1])],
    kinds: "prelu",
    shape: [2, 4, 9, 7],
  }),
  "Concat of integers keeps rows and columns": one({
    inputs: { x: [1, 8, 6, 6] },
    nodes: [
      node("Concat", ["left", "right"], "table", { axis: 1 }),
      node("Reshape", ["table", "minus1"], "to"),
      node("Reshape", ["x", "to"], "y"),
    ],
    weights: [integers("left", [2, 4], [2, 1]), integers("right", [3, 12], [2, 1]), integers("minus1", [-1])],
    kinds: "reshape",
    shape: [2, 3, 4, 12],
  }),
  "Concat of rows of integers": one({
    inputs: { x: [1, 8, 6, 6] },
    nodes: [
      node("Concat", ["top", "bottom"], "table", { axis: -2 }),
      node("Transpose", ["table"], "turned"),
      node("Reshape", ["turned", "minus1"], "to"),
      node("Reshape", ["x", "to"], "y"),
    ],
    weights: [integers("top", [2, 3], [1, 2]), integers("bottom", [4, 12], [1, 2]), integers("minus1", [-1])],
    kinds: "reshape",
    shape: [2, 4, 3, 12],
  }),
  "Integers of different ranks": one({
    inputs: { x: [1, 8, 6, 6] },
    nodes: [
      node("Mul", ["column", "row"], "table"),
      node("Add", ["table", "corner"], "more"),
      node("Shape", ["more"], "dims"),
      node("Concat", ["dims", "minus1"], "to", { axis: 0 }),
      node("Reshape", ["x", "to"], "flat"),
      node("Reshape", ["more", "minus1"], "list"),
      node("Slice", ["list", "zero", "two"], "two_of_them"),
      node("Concat", ["two_of_them", "minus1"], "last", { axis: 0 }),
      node("Reshape", ["flat", "last"], "y"),
    ],
    weights: [
      integers("column", [1, 2, 3], [3, 1]),
      integers("row", [1, 5]),
      integers("corner", [1], [1, 1, 1]),
      integers("minus1", [-1]),
      integers("zero", [0]),
      integers("two", [2]),
    ],
    kinds: "reshape reshape",
    shape: [2, 6, 24],
  }),
  "Clip of which min is above max": one({
    nodes: [node("Clip", ["x", "lo", "hi"], "c"), node("Mul", ["x", "c"], "y")],
    weights: [weights("lo", [], [0]), weights("hi", [], [-1])],
    kinds: "clamp mul",
    shape: [2, 4, 9, 7],
  }),
  "Clip of which both bounds are 0": one({
    nodes: [node("Clip", ["x", "lo", "hi"], "c"), node("Mul", ["x", "c"], "y")],
    weights: [weights("lo", [], [0]), weights("hi", [], [0])],
    kinds: "clamp mul",
    shape: [2, 4, 9, 7],
  }),
  "Dropout in training of nothing": one({
    nodes: [node("Dropout", ["x", "ratio", "training"], "d"), node("Relu", ["d"], "y")],
    weights: [
      weights("ratio", [], [0]),
      { name: "training", dims: [], dataType: 9, rawData: Uint8Array.of(1) },
    ],
    kinds: "clamp",
    shape: [2, 4, 9, 7],
  }),
  "Split in parts of which the last is smaller": one({
    opset: 18,
    nodes: [
      node("Split", ["x"], "a", { axis: 3, num_outputs: 4 }, ["b", "c", "d"]),
      node("Concat", ["d", "a", "c", "b"], "y", { axis: 3 }),
    ],
    kinds: "slice slice slice slice concat",
    shape: [2, 4, 9, 7],
  }),
  "ReduceMean over no axes": one({
    opset: 18,
    nodes: [node("ReduceMean", ["x", "none"], "m", { noop_with_empty_axes: 1 }), node("Relu", ["m"], "y")],
    weights: [integers("none", [])],
    kinds: "clamp",
    shape: [2, 4, 9, 7],
  }),
  "Opset 24": one({
    opset: 24,
    nodes: [
      node("Conv", ["x", "w"], "c"),
      node("HardSigmoid", ["c"], "h"),
      node("MaxPool", ["h"], "m", { kernel_shape: [2, 2] }),
      node("Reshape", ["m", "to"], "y"),
    ],
    weights: [weights("w", [6, 4, 3, 3]), integers("to", [0, -1])],
    kinds: "conv2d activation pool reshape",
    shape: [2, 144],
  }),
  "Opset 6": one({
    opset: 6,
    nodes: [
      node("Elu", ["x"], "e"),
      node("Selu", ["e"], "s"),
      node("LeakyRelu", ["s"], "l"),
      node("MaxPool", ["l"], "m", { kernel_shape: [2, 2] }),
      node("Softmax", ["m"], "y"),
    ],
    kinds: "activation activation activation pool reshape softmax reshape",
    shape: [2, 4, 8, 6],
  }),
  "Slice of channels": one({
    nodes: [node("Slice", ["x", "from", "to", "axes"], "y")],
    weights: [integers("from", [1]), integers("to", [-1]), integers("axes", [1])],
    kinds: "slice",
    shape: [2, 2, 9, 7],
  }),
  "Slice along three axes, one of them whole": one({
    nodes: [node("Slice", ["x", "from", "to", "axes", "steps"], "y")],
    weights: [
      integers("from", [2, -4, -99]),
      integers("to", [999, 6, 99]),
      integers("axes", [-2, 3, 1]),
      integers("steps", [1, 1, 1]),
    ],
    kinds: "slice slice",
    shape: [2, 4, 7, 3],
  }),
  "Slice before opset 10": one({
    opset: 9,
    nodes: [node("Slice", ["x"], "y", { starts: [0, 1], ends: [1, 3] })],
    kinds: "slice slice",
    shape: [1, 2, 9, 7],
  }),
  "Split in halves": one({
    nodes: [node("Split", ["x"], "a", { axis: 1 }, ["b"]), node("Concat", ["b", "a"], "y", { axis: 1 })],
    kinds: "slice slice concat",
    shape: [2, 4, 9, 7],
  }),
  "Split in parts of which the first is not used": one({
    nodes: [node("Split", ["x", "parts"], "a", { axis: -1 }, ["b", "y"])],
    weights: [integers("parts", [1, 2, 4])],
    kinds: "slice",
    shape: [2, 4, 9, 4],
  }),
  "Mul of two inputs": one({
    inputs: { x: [2, 4, 3, 5], z: [2, 4, 3, 5] },
    nodes: [node("Mul", ["x", "z"], "y")],
    kinds: "mul",
    shape: [2, 4, 3, 5],
  }),
  "Squeeze-and-excite, the gate on the left": one({
    nodes: [node("GlobalAveragePool", ["x"], "m"), node("Sigmoid", ["m"], "s"), node("Mul", ["s", "x"], "y")],
    kinds: "global-avg-pool activation mul",
    shape: [2, 4, 9, 7],
  }),
  "SiLU as PyTorch exports it": one({
    nodes: [node("Sigmoid", ["x"], "s"), node("Mul", ["x", "s"], "y")],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "x * Sigmoid(1.702 x)": one({
    nodes: [node("Mul", ["x", "k"], "kx"), node("Sigmoid", ["kx"], "s"), node("Mul", ["s", "x"], "y")],
    weights: [weights("k", [], [1.702])],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "x * HardSigmoid(x)": one({
    nodes: [node("HardSigmoid", ["x"], "s", { alpha: { float: 1 / 6 } }), node("Mul", ["x", "s"], "y")],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "Hard swish, divided before": one({
    nodes: [
      node("Add", ["x", "three"], "a"),
      node("Clip", ["a", "zero", "six"], "c"),
      node("Div", ["c", "six"], "d"),
      node("Mul", ["x", "d"], "y"),
    ],
    weights: [weights("three", [], [3]), weights("zero", [], [0]), weights("six", [], [6])],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "Hard swish, divided behind": one({
    nodes: [
      node("Add", ["x", "three"], "a"),
      node("Clip", ["a", "zero", "six"], "c"),
      node("Mul", ["x", "c"], "m"),
      node("Div", ["m", "six"], "y"),
    ],
    weights: [weights("three", [], [3]), weights("zero", [], [0]), weights("six", [], [6])],
    kinds: "activation batch-norm batch-norm",
    shape: [2, 4, 9, 7],
  }),
  "Mish of its parts": one({
    nodes: [node("Softplus", ["x"], "p"), node("Tanh", ["p"], "t"), node("Mul", ["x", "t"], "y")],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "GELU of its parts": one({
    nodes: [
      node("Div", ["x", "root"], "a"),
      node("Erf", ["a"], "e"),
      node("Add", ["e", "one"], "p"),
      node("Mul", ["x", "p"], "m"),
      node("Mul", ["m", "half"], "y"),
    ],
    weights: [weights("root", [], [Math.SQRT2]), weights("one", [], [1]), weights("half", [], [0.5])],
    kinds: "activation batch-norm batch-norm",
    shape: [2, 4, 9, 7],
  }),
  "GELU, halved before": one({
    nodes: [
      node("Mul", ["x", "half"], "h"),
      node("Div", ["x", "root"], "a"),
      node("Erf", ["a"], "e"),
      node("Add", ["e", "one"], "p"),
      node("Mul", ["h", "p"], "y"),
    ],
    weights: [weights("root", [], [Math.SQRT2]), weights("one", [], [1]), weights("half", [], [0.5])],
    kinds: "activation",
    shape: [2, 4, 9, 7],
  }),
  "Add of two": one({
    nodes: [node("Relu", ["x"], "r"), node("Add", ["x", "r"], "y")],
    kinds: "clamp add",
    shape: [2, 4, 9, 7],
  }),
  "Add of a constant per channel": one({
    nodes: [node("Add", ["c", "x"], "y")],
    weights: [weights("c", [4, 1, 1])],
    kinds: "batch-norm",
    shape: [2, 4, 9, 7],
  }),
  "Sub, Mul and Div by constants": one({
    nodes: [
      node("Sub", ["x", "c"], "a"),
      node("Mul", ["a", "k"], "b"),
      node("Div", ["b", "c"], "d"),
      node("Sub", ["k", "d"], "y"),
    ],
    weights: [weights("c", [1, 4, 1, 1], [1, 2, 3, 4]), weights("k", [], [0.3])],
    kinds: "batch-norm batch-norm batch-norm batch-norm",
    shape: [2, 4, 9, 7],
  }),
  MaxPool: one({
    nodes: [node("MaxPool", ["x"], "y", { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] })],
    kinds: "pool",
    shape: [2, 4, 5, 4],
  }),
  "MaxPool dilated": one({
    nodes: [node("MaxPool", ["x"], "y", { kernel_shape: [3, 2], dilations: [2, 3] })],
    kinds: "pool",
    shape: [2, 4, 5, 4],
  }),
  "MaxPool ceil_mode": one({
    nodes: [
      node("MaxPool", ["x"], "y", {
        kernel_shape: [3, 3],
        strides: [3, 2],
        pads: [1, 1, 0, 0],
        ceil_mode: 1,
      }),
    ],
    kinds: "pool",
    shape: [2, 4, 4, 4],
  }),
  "MaxPool SAME_UPPER": one({
    nodes: [node("MaxPool", ["x"], "y", { kernel_shape: [2, 2], strides: [2, 2], auto_pad: "SAME_UPPER" })],
    kinds: "pool",
    shape: [2, 4, 5, 4],
  }),
  AveragePool: one({
    nodes: [node("AveragePool", ["x"], "y", { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })],
    kinds: "pool",
    shape: [2, 4, 5, 4],
  }),
  "AveragePool counting pads": one({
    nodes: [
      node("AveragePool", ["x"], "y", { kernel_shape: [3, 3], pads: [1, 1, 0, 1], count_include_pad: 1 }),
    ],
    kinds: "pool",
    shape: [2, 4, 8, 7],
  }),
  "AveragePool of the whole map": one({
    inputs: { x: [2, 4, 5, 6] },
    nodes: [node("AveragePool", ["x"], "y", { kernel_shape: [5, 6] })],
    kinds: "global-avg-pool",
    shape: [2, 4, 1, 1],
  }),
  "AveragePool ceil_mode": one({
    nodes: [node("AveragePool", ["x"], "y", { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 })],
    kinds: "pool",
    shape: [2, 4, 5, 4],
  }),
  "AveragePool behind an empty Pad": one({
    nodes: [node("Pad", ["x", "p"], "px"), node("AveragePool", ["px"], "y", { kernel_shape: [2, 2] })],
    weights: [integers("p", [0, 0, 0, 0, 0, 0, 0, 0])],
    kinds: "pool",
    shape: [2, 4, 8, 6],
  }),
  "AveragePool behind a Pad": one({
    nodes: [
      node("Pad", ["x", "p"], "px"),
      node("AveragePool", ["px"], "y", { kernel_shape: [3, 3], strides: [2, 2] }),
    ],
    weights: [integers("p", [0, 0, 1, 1, 0, 0, 1, 1])],
    kinds: "pool",
    shape: [2, 4, 5, 4],
  }),
  "Pads computed as PyTorch does": one({
    nodes: [
      node("ConstantOfShape", ["four"], "zeros", { value: integers("", [0]) }),
      node("Concat", ["last", "zeros"], "backwards", { axis: 0 }),
      node("Reshape", ["backwards", "pairs"], "table"),
      node("Slice", ["table", "minus1", "far", "zero", "minus1"], "turned"),
      node("Transpose", ["turned"], "t", { perm: [1, 0] }),
      node("Reshape", ["t", "minus1"], "p"),
      node("Pad", ["x", "p"], "px"),
      node("Conv", ["px", "w"], "y"),
    ],
    weights: [
      integers("four", [4]),
      integers("last", [0, 1, 2, 0]),
      integers("pairs", [-1, 2]),
      integers("minus1", [-1]),
      integers("far", [-9223372036854775000]),
      integers("zero", [0]),
      weights("w", [6, 4, 3, 3]),
    ],
    kinds: "conv2d",
    shape: [2, 6, 9, 6],
  }),
  GlobalAveragePool: one({
    nodes: [node("GlobalAveragePool", ["x"], "y")],
    kinds: "global-avg-pool",
    shape: [2, 4, 1, 1],
  }),
  "ReduceMean over H and W": one({
    nodes: [node("ReduceMean", ["x"], "y", { axes: [-1, -2], keepdims: 0 })],
    kinds: "global-avg-pool reshape",
    shape: [2, 4],
  }),
  "ReduceMean opset 18": one({
    opset: 18,
    nodes: [node("ReduceMean", ["x", "axes"], "y")],
    weights: [integers("axes", [2, 3])],
    kinds: "global-avg-pool",
    shape: [2, 4, 1, 1],
  }),
  "Gemm with everything": one({
    inputs: { x: [5, 3] },
    nodes: [node("Gemm", ["x", "b", "c"], "y", { alpha: { float: 0.5 }, beta: { float: 2 }, transA: 1 })],
    weights: [weights("b", [5, 6]), weights("c", [1, 6])],
    kinds: "transpose dense",
    shape: [3, 6],
  }),
  "Gemm transB": one({
    inputs: { x: [3, 5] },
    nodes: [node("Gemm", ["x", "b", "c"], "y", { transB: 1 })],
    weights: [weights("b", [6, 5]), weights("c", [6])],
    kinds: "dense",
    shape: [3, 6],
  }),
  "Gemm with a scalar C": one({
    inputs: { x: [3, 5] },
    nodes: [node("Gemm", ["x", "b", "c"], "y", {})],
    weights: [weights("b", [5, 6]), weights("c", [])],
    kinds: "dense",
    shape: [3, 6],
  }),
  "MatMul and Add": one({
    inputs: { x: [3, 5] },
    nodes: [node("MatMul", ["x", "b"], "p"), node("Add", ["p", "c"], "y")],
    weights: [weights("b", [5, 6]), weights("c", [6])],
    kinds: "dense",
    shape: [3, 6],
  }),
  "MatMul of three dimensions": one({
    inputs: { x: [2, 3, 5] },
    nodes: [node("MatMul", ["x", "b"], "y")],
    weights: [weights("b", [5, 6])],
    kinds: "reshape dense reshape",
    shape: [2, 3, 6],
  }),
  Flatten: one({ nodes: [node("Flatten", ["x"], "y")], kinds: "reshape", shape: [2, 252] }),
  "Flatten at -1": one({
    nodes: [node("Flatten", ["x"], "y", { axis: -1 })],
    kinds: "reshape",
    shape: [72, 7],
  }),
  "Reshape with 0 and -1": one({
    nodes: [node("Reshape", ["x", "to"], "y")],
    weights: [integers("to", [0, -1, 9])],
    kinds: "reshape",
    shape: [2, 28, 9],
  }),
  "Reshape to a computed shape": one({
    nodes: [
      node("Shape", ["x"], "dims"),
      node("Gather", ["dims", "zero"], "n"),
      node("Unsqueeze", ["n", "axes"], "batch"),
      node("Constant", [], "rest", { value: integers("", [-1]) }),
      node("Concat", ["batch", "rest"], "to", { axis: 0 }),
      node("Reshape", ["x", "to"], "y"),
    ],
    weights: [integers("zero", [0], []), integers("axes", [0])],
    kinds: "reshape",
    shape: [2, 252],
  }),
  "Shape arithmetic": one({
    nodes: [
      node("Shape", ["x"], "dims"),
      node("Slice", ["dims", "two", "four"], "size"),
      node("Cast", ["size"], "size64", { to: 7 }),
      node("Mul", ["size64", "two"], "doubled"),
      node("Div", ["doubled", "two"], "back"),
      node("Concat", ["head", "back"], "to", { axis: 0 }),
      node("Reshape", ["x", "to"], "y"),
    ],
    weights: [integers("two", [2]), integers("four", [4]), integers("head", [8])],
    kinds: "reshape",
    shape: [8, 9, 7],
  }),
  "Squeeze and Unsqueeze": one({
    inputs: { x: [1, 3, 1, 5] },
    nodes: [node("Squeeze", ["x", "a"], "s"), node("Unsqueeze", ["s", "a"], "y")],
    weights: [integers("a", [-2])],
    kinds: "reshape reshape",
    shape: [1, 3, 1, 5],
  }),
  Transpose: one({
    nodes: [node("Transpose", ["x"], "y", { perm: [0, 2, 3, 1] })],
    kinds: "transpose",
    shape: [2, 9, 7, 4],
  }),
  "Transpose reversing": one({
    nodes: [node("Transpose", ["x"], "y")],
    kinds: "transpose",
    shape: [7, 9, 4, 2],
  }),
  "Transpose of weights": one({
    inputs: { x: [3, 5] },
    nodes: [node("Transpose", ["b"], "bt", { perm: [1, 0] }), node("MatMul", ["x", "bt"], "y")],
    weights: [weights("b", [6, 5])],
    kinds: "dense",
    shape: [3, 6],
  }),
  Concat: one({
    nodes: [node("Relu", ["x"], "r"), node("Concat", ["x", "r", "x"], "y", { axis: -3 })],
    kinds: "clamp concat",
    shape: [2, 12, 9, 7],
  }),
  "Softmax opset 13": one({ nodes: [node("Softmax", ["x"], "y")], kinds: "softmax", shape: [2, 4, 9, 7] }),
  "Softmax opset 11 flattens": one({
    opset: 11,
    nodes: [node("Softmax", ["x"], "y")],
    kinds: "reshape softmax reshape",
    shape: [2, 4, 9, 7],
  }),
  "Identity, Dropout and Constant": one({
    nodes: [
      node("Identity", ["x"], "i"),
      node("Dropout", ["i"], "d"),
      node("Constant", [], "c", { value: weights("", [4, 1, 1]) }),
      node("Add", ["d", "c"], "a"),
      node("Identity", ["a"], "y"),
    ],
    kinds: "batch-norm reshape",
    shape: [2, 4, 9, 7],
  }),
};

async function run(bytes: Uint8Array, inputs: Case["inputs"]): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const rng = makeRng(7);
  const feeds = Object.entries(inputs).map(([name, shape]) => {
    const dims = shape.map(Number);
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => rng.normal());
    return [name, new ort.Tensor("float32", data, dims)] as const;
  });
  return (await session.run(Object.fromEntries(feeds))).y as ort.Tensor;
}

describe("operators mean in our graph what they mean in ONNX Runtime", () => {
  for (const [name, text] of Object.entries(CASES)) {
    test(name, async () => {
      const bytes = model(text);
      const graph = importOnnx(bytes);
      expect(graph.nodes.map((n) => n.op.kind).join(" ")).toBe(text.kinds);
      expect(graph.tensors.get("y")?.shape).toEqual(text.shape);
      const before = await run(bytes, text.inputs);
      const after = await run(exportOnnx(graph), text.inputs);
      expect(before.dims).toEqual(text.shape);
      expect(after.dims).toEqual(text.shape);
      const expected = before.data as Float32Array;
      const worst = (after.data as Float32Array).reduce(
        (w, v, i) => Math.max(w, Math.abs(v - (expected[i] as number))),
        0,
      );
      expect(worst).toBeLessThan(2e-5);
    });
  }
});

test("an input that is an output too stays one tensor, and nothing is computed for it", () => {
  const graph = importOnnx(model({ ...CASES["Conv plain"], outputs: ["y", "x"] }));
  expect(graph.nodes.map((n) => n.output)).toEqual(["y"]);
  expect(graph.outputs).toEqual(["y", "x"]);
});
