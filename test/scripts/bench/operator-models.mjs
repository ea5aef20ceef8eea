// Small networks of one operator each, as ONNX files of one input, for bench-operators.mjs.
import { encodeModel } from "../../../dist/frontend/onnx/protobuf.js";
import { makeRng } from "../../../dist/support/rng.js";

const FLOAT32 = 1;
const INT64 = 7;
const OPSET = 17;

/** `nodes`: [type, inputs, outputs, attributes]; constants by name: floats by shape, or integers as a list. */
function network({ input, nodes, floats = {}, values = {}, integers = {}, opset = OPSET }) {
  const rng = makeRng(5);
  const count = (dims) => dims.reduce((n, d) => n * d, 1);
  const floatTensor = (name, dims, data) => ({
    name,
    dims,
    dataType: FLOAT32,
    rawData: new Uint8Array(Float32Array.from(data).buffer),
  });
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: "", version: opset }],
    graph: {
      name: "operator",
      node: nodes.map(([opType, from, to, attributes = {}]) => ({
        name: `${to[0]}_node`,
        opType,
        input: from,
        output: to,
        attribute: Object.entries(attributes).map(attribute),
      })),
      initializer: [
        ...Object.entries(floats).map(([name, dims]) =>
          floatTensor(
            name,
            dims,
            Array.from({ length: count(dims) }, () => rng.normal() * 0.2),
          ),
        ),
        ...Object.entries(values).map(([name, data]) => floatTensor(name, [data.length], data)),
        ...Object.entries(integers).map(([name, data]) => ({
          name,
          dims: [data.length],
          dataType: INT64,
          rawData: new Uint8Array(BigInt64Array.from(data, BigInt).buffer),
        })),
      ],
      input: [valueInfo("x", input)],
      output: [{ name: "y", type: { tensorType: { elemType: FLOAT32 } } }],
    },
  });
}

function valueInfo(name, shape) {
  return {
    name,
    type: { tensorType: { elemType: FLOAT32, shape: { dim: shape.map((d) => ({ dimValue: d })) } } },
  };
}

function attribute([name, value]) {
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: 7, ints: value };
  return Number.isInteger(value) ? { name, type: 2, i: value } : { name, type: 1, f: value };
}

const MAP = [1, 64, 56, 56];
const TOKENS = [1, 197, 768];
const one = (type, input, attributes = {}, more = {}) => {
  const constants = Object.keys({ ...more.floats, ...more.values, ...more.integers });
  const from = more.from ?? ["x", ...constants];
  return { input, nodes: [[type, from, ["y"], attributes]], ...more };
};
/** A convolution before and behind, as in a network: layouts of the operator's own choice. */
const between = (type, [n, c, h, w], attributes = {}, more = {}) => ({
  input: [n, c, h, w],
  ...more,
  nodes: [
    ["Conv", ["x", "w1"], ["a"]],
    [type, ["a", ...(more.from ?? [])], ["b"], attributes],
    ["Conv", ["b", "w2"], ["y"]],
  ],
  floats: { w1: [c, c, 1, 1], w2: [16, more.channels ?? c, 1, 1], ...more.floats },
});

/** By name. What has no figure of its own for a peer is compared as it stands. */
export const OPERATORS = {
  "Add of a map's rows": one("Add", MAP, {}, { floats: { c: [56, 56] } }),
  "Mul of channels by a gate": {
    input: MAP,
    nodes: [
      ["ReduceMean", ["x"], ["m"], { axes: [1], keepdims: 1 }],
      ["Sigmoid", ["m"], ["s"]],
      ["Mul", ["x", "s"], ["y"]],
    ],
  },
  "Div of tokens": one(
    "Div",
    TOKENS,
    {},
    { floats: {}, values: { c: Array.from({ length: 768 }, (_, i) => 1 + i / 768) } },
  ),
  Exp: one("Exp", MAP),
  Log: {
    input: MAP,
    nodes: [
      ["Abs", ["x"], ["a"]],
      ["Log", ["a"], ["y"]],
    ],
  },
  Sqrt: {
    input: MAP,
    nodes: [
      ["Abs", ["x"], ["a"]],
      ["Sqrt", ["a"], ["y"]],
    ],
  },
  "ReduceMean of the last axis": one("ReduceMean", TOKENS, { axes: [-1] }),
  "ReduceMax of channels": one("ReduceMax", MAP, { axes: [1] }),
  "ReduceSum of maps": one("ReduceSum", MAP, {}, { integers: { axes: [2, 3] } }),
  LayerNormalization: one("LayerNormalization", TOKENS, { axis: -1 }, { floats: { s: [768], t: [768] } }),
  InstanceNormalization: one("InstanceNormalization", MAP, {}, { floats: { s: [64], t: [64] } }),
  "InstanceNormalization between convolutions": between(
    "InstanceNormalization",
    MAP,
    {},
    {
      from: ["s", "t"],
      floats: { s: [64], t: [64] },
    },
  ),
  "Softmax of rows": one("Softmax", [12, 197, 197], { axis: -1 }),
  "Softmax of channels": one("Softmax", [1, 21, 65, 65], { axis: 1 }),
  "MatMul of tokens": one("MatMul", TOKENS, {}, { floats: { w: [768, 3072] } }),
  "MatMul of queries and keys": {
    input: [12, 197, 64],
    nodes: [
      ["Transpose", ["x"], ["k"], { perm: [0, 2, 1] }],
      ["MatMul", ["x", "k"], ["y"]],
    ],
  },
  "Resize nearest 2x": between(
    "Resize",
    MAP,
    { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
    {
      from: ["", "scales"],
      values: { scales: [1, 1, 2, 2] },
    },
  ),
  "Resize linear 2x": between(
    "Resize",
    MAP,
    { mode: "linear", coordinate_transformation_mode: "half_pixel" },
    {
      from: ["", "scales"],
      values: { scales: [1, 1, 2, 2] },
    },
  ),
  "Resize linear 8x": one(
    "Resize",
    [1, 21, 28, 28],
    { mode: "linear", coordinate_transformation_mode: "half_pixel" },
    {
      from: ["x", "", "scales"],
      values: { scales: [1, 1, 8, 8] },
    },
  ),
  "ConvTranspose 2x2/2": one(
    "ConvTranspose",
    MAP,
    { strides: [2, 2] },
    { floats: { w: [64, 32, 2, 2], b: [32] } },
  ),
  "ConvTranspose 4x4/2": one(
    "ConvTranspose",
    [1, 128, 28, 28],
    { strides: [2, 2], pads: [1, 1, 1, 1] },
    {
      floats: { w: [128, 64, 4, 4], b: [64] },
    },
  ),
  "ConvTranspose 4x4/2 of 4 groups": one(
    "ConvTranspose",
    [1, 128, 28, 28],
    { strides: [2, 2], pads: [1, 1, 1, 1], group: 4 },
    {
      floats: { w: [128, 32, 4, 4], b: [128] },
    },
  ),
  "ConvTranspose 3x3/2 of an output padding": one(
    "ConvTranspose",
    [1, 128, 28, 28],
    { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    { floats: { w: [128, 64, 3, 3], b: [64] } },
  ),
  "ConvTranspose 3x3/1": one(
    "ConvTranspose",
    MAP,
    { pads: [1, 1, 1, 1] },
    { floats: { w: [64, 64, 3, 3], b: [64] } },
  ),
  "ConvTranspose 2x2/2 between convolutions": between(
    "ConvTranspose",
    MAP,
    { strides: [2, 2] },
    { from: ["w"], channels: 32, floats: { w: [64, 32, 2, 2] } },
  ),
  "ConvTranspose of a sequence 16/8": one(
    "ConvTranspose",
    [1, 128, 512],
    { strides: [8], pads: [4, 4] },
    { floats: { w: [128, 64, 16], b: [64] } },
  ),
  "Conv of a sequence 9": one(
    "Conv",
    [1, 128, 1024],
    { pads: [4, 4] },
    { floats: { w: [128, 128, 9], b: [128] } },
  ),
  "Conv of a sound 10/5": one(
    "Conv",
    [1, 1, 16000],
    { strides: [5] },
    { floats: { w: [128, 1, 10], b: [128] } },
  ),
  "Conv of volumes 3x3x3": one(
    "Conv",
    [1, 32, 16, 28, 28],
    { pads: [1, 1, 1, 1, 1, 1] },
    { floats: { w: [32, 32, 3, 3, 3], b: [32] } },
  ),
  "MaxPool of a sequence": one("MaxPool", [1, 64, 4096], { kernel_shape: [3], strides: [2] }),
  "MaxPool of volumes": one("MaxPool", [1, 32, 16, 28, 28], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] }),
  "DepthToSpace CRD": between("DepthToSpace", MAP, { blocksize: 2, mode: "CRD" }, { channels: 16 }),
  "DepthToSpace DCR": between("DepthToSpace", MAP, { blocksize: 2 }, { channels: 16 }),
  "DepthToSpace CRD of the result": {
    input: MAP,
    nodes: [
      ["Conv", ["x", "w"], ["a"], { pads: [1, 1, 1, 1] }],
      ["DepthToSpace", ["a"], ["y"], { blocksize: 2, mode: "CRD" }],
    ],
    floats: { w: [12, 64, 3, 3] },
  },
  SpaceToDepth: between("SpaceToDepth", MAP, { blocksize: 2 }, { channels: 256 }),
  LRN: one("LRN", [1, 96, 55, 55], { size: 5 }),
  "LRN between convolutions": between("LRN", MAP, { size: 5 }),
  GlobalMaxPool: one("GlobalMaxPool", [1, 512, 14, 14]),
  "LpPool 2x2/2": one("LpPool", MAP, { kernel_shape: [2, 2], strides: [2, 2] }),
};

/** The file of an operator's network. */
export function operatorModel(name) {
  return network(OPERATORS[name]);
}
