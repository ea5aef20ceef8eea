import { expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { integers, messageOf, model, node, weights } from "./onnx-model.ts";

interface Refused {
  readonly opset?: number;
  readonly attributes?: Parameters<typeof node>[3];
  readonly shape?: readonly number[];
  readonly weights?: readonly ReturnType<typeof weights>[];
  /** What is told of the node. */
  readonly why: string;
  /** The file is not valid ONNX; else the node is none that is compiled. */
  readonly invalid?: true;
}

const floats = (name: string, values: readonly number[]) => weights(name, [values.length], values);
const unknown = { why: "its indices `x` must be known before the network runs" };

const CASES: readonly (readonly [string, readonly string[], Refused])[] = [
  [
    "Pad",
    ["x", "p"],
    {
      attributes: { mode: "wrap" },
      weights: [integers("p", [0, 0, -1, 1, 0, 0, 1, 1])],
      why: 'mode="wrap" with pads -1 and 1: one leaves elements away, one repeats some',
    },
  ],
  [
    "Pad",
    ["x", "p"],
    {
      weights: [integers("p", [0, 0, -4, 0, 0, 0, -4, 0])],
      why: "pads -4 and -4 leave nothing of the 8 elements of axis 2",
    },
  ],
  [
    "Pad",
    ["x", "p"],
    {
      weights: [integers("p", [0, 0, -9, 0, 0, 0, 3, 0])],
      why: "pads -9 and 3 leave nothing of the 8 elements of axis 2",
    },
  ],
  [
    "Pad",
    ["x", "p", "", "a"],
    {
      opset: 18,
      weights: [integers("p", [1, 1, 1, 1]), integers("a", [2, -2])],
      why: "axes [2, -2] name a dimension twice",
      invalid: true,
    },
  ],
  ["Pad", ["x", "p"], { weights: [integers("p", [1, 1])], why: "2 pads for 4 dimensions", invalid: true }],
  [
    "Pad",
    ["x", "p"],
    {
      attributes: { mode: "edge" },
      weights: [integers("p", [0, 0, 0, 0, 0, 0, 0, 2 ** 40])],
      why: "it brings the weights that the import makes to 1099511627784 elements, more than 16777248 for this file",
    },
  ],
  ["Gather", ["x", "x"], unknown],
  [
    "Gather",
    ["x", "i"],
    { weights: [integers("i", [4])], attributes: { axis: 1 }, why: "index 4 of 4", invalid: true },
  ],
  [
    "Gather",
    ["x", "i"],
    { weights: [integers("i", [-5])], attributes: { axis: 1 }, why: "index -5 of 4", invalid: true },
  ],
  ["GatherElements", ["x", "x"], { ...unknown, opset: 13 }],
  [
    "GatherElements",
    ["x", "i"],
    { weights: [integers("i", [0, 0], [1, 2])], why: "indices of shape 1x2 for 1x4x8x8", invalid: true },
  ],
  [
    "GatherND",
    ["x", "i"],
    {
      weights: [integers("i", [0, 0], [1, 2])],
      attributes: { batch_dims: 2 },
      why: "batch_dims=2, indices of shape 1x2 for 1x4x8x8",
      invalid: true,
    },
  ],
  [
    "Slice",
    ["x", "a", "b", "c", "d"],
    {
      weights: [integers("a", [0]), integers("b", [4]), integers("c", [2]), integers("d", [0])],
      why: "its step is 0",
      invalid: true,
    },
  ],
  [
    "Slice",
    ["x", "a", "b", "c", "d"],
    {
      weights: [integers("a", [4]), integers("b", [4]), integers("c", [2]), integers("d", [2])],
      why: "its output has no elements: its shape is 1x4x0x8",
    },
  ],
  [
    "Expand",
    ["x", "s"],
    { weights: [integers("s", [3, 8, 8])], why: "it expands 1x4x8x8 to [3, 8, 8]", invalid: true },
  ],
  [
    "Expand",
    ["x", "s"],
    { weights: [integers("s", [0, 4, 8, 8])], why: "its output has no elements: its shape is 0x4x8x8" },
  ],
  ["Tile", ["x", "r"], { weights: [integers("r", [2])], why: "1 repeats for 4 dimensions", invalid: true }],
  ["Compress", ["x", "x"], { why: "its condition is float32 of shape 1x4x8x8", invalid: true }],
  [
    "Compress",
    ["x", "c"],
    { weights: [integers("c", [1])], why: "its condition is int64 of shape 1", invalid: true },
  ],
  [
    "Resize",
    ["x", "", "s"],
    {
      opset: 18,
      attributes: { antialias: 1 },
      weights: [floats("s", [1, 1, 2, 2])],
      why: 'antialias=1 of mode="nearest"',
    },
  ],
  [
    "Resize",
    ["x", "", "s"],
    {
      attributes: { antialias: 1 },
      weights: [floats("s", [1, 1, 2, 2])],
      why: "attribute antialias=1, which the operator has from opset 18 on",
    },
  ],
  [
    "Resize",
    ["x", "", "s"],
    { weights: [floats("s", [2, 2])], why: "2 scales for 4 dimensions", invalid: true },
  ],
  [
    "Resize",
    ["x", "", "s"],
    { weights: [floats("s", [1, 1, 0, 2])], why: "its scales are [1, 1, 0, 2]", invalid: true },
  ],
  ["Resize", ["x", "", "s"], { weights: [floats("s", [1, 1, 0.1, 2])], why: "axis 2 becomes 0 long" }],
  ["Resize", ["x", "", "x"], { why: "its scales `x` must be float32 constants" }],
  [
    "Resize",
    ["x", "", "s", "t"],
    {
      weights: [floats("s", [1, 1, 2, 2]), integers("t", [1, 4, 16, 16])],
      why: "it has one of scales and sizes",
      invalid: true,
    },
  ],
  ["Resize", ["x"], { why: "it has one of scales and sizes", invalid: true }],
  [
    "Resize",
    ["x", "", "s"],
    {
      attributes: { coordinate_transformation_mode: "tf_crop_and_resize" },
      weights: [floats("s", [1, 1, 2, 2])],
      why: "it crops, and has no roi",
      invalid: true,
    },
  ],
  [
    "Resize",
    ["x", "r", "s"],
    {
      attributes: { coordinate_transformation_mode: "tf_crop_and_resize" },
      weights: [floats("r", [0, 1]), floats("s", [1, 1, 2, 2])],
      why: "2 numbers of roi for 4 dimensions",
      invalid: true,
    },
  ],
  [
    "Resize",
    ["x", "r", "s"],
    {
      attributes: { coordinate_transformation_mode: "tf_crop_and_resize" },
      weights: [floats("r", [0, 0, 0, 2, 1, 1, 1, 3]), floats("s", [1, 1, 2, 2])],
      why: "its roi lies outside of axis 3",
    },
  ],
  [
    "Resize",
    ["x", "", "s"],
    {
      attributes: { mode: "bicubic" },
      weights: [floats("s", [1, 1, 2, 2])],
      why: 'attribute mode="bicubic" should be one of nearest, linear, cubic',
    },
  ],
  [
    "Resize",
    ["x", "", "s"],
    {
      attributes: { coordinate_transformation_mode: "align_corners" },
      weights: [floats("s", [1, 1, 0.3, 2])],
      why: 'coordinate_transformation_mode="align_corners" with 2.4 elements along axis 2: it is not settled where they lie; give sizes',
    },
  ],
  [
    "Resize",
    ["x", "", "s"],
    {
      attributes: { coordinate_transformation_mode: "pytorch_half_pixel" },
      weights: [floats("s", [1, 1, 0.2, 2])],
      why: 'coordinate_transformation_mode="pytorch_half_pixel" with 1.6 elements along axis 2: it is not settled where they lie; give sizes',
    },
  ],
  [
    "Upsample",
    ["x", "s"],
    { opset: 10, weights: [floats("s", [1, 1, 2, 2])], why: "an operator until opset 9 only" },
  ],
  [
    "Upsample",
    ["x", "s"],
    {
      opset: 9,
      weights: [floats("s", [1, 1, 0.5, 2])],
      why: "its scales are [1, 1, 0.5, 2], below 1",
      invalid: true,
    },
  ],
];

test.each(CASES)(
  "%s %j",
  (type, inputs, { opset = 13, attributes = {}, shape = [1, 4, 8, 8], why, invalid, ...more }) => {
    const file = model({
      opset,
      inputs: { x: shape },
      outputs: ["y"],
      nodes: [node(type, inputs, "y", attributes)],
      weights: more.weights ?? [],
    });
    const message = messageOf(() => importOnnx(file));
    const told = invalid
      ? `error[F114]: node \`y_node\` (${type}) is not valid ONNX\n  why:   ${why}\n`
      : `error[F104]: 1 node of \`test\` cannot be compiled\n  why:   node \`y_node\`: ${type} (opset ${opset}): ${why}\n`;
    expect(message.slice(0, told.length)).toBe(told);
  },
);
