import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { FLOAT32, INT8, INT32, UINT8 } from "../../compiler/frontend/onnx/schema.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { integers, messageOf, model, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Shape = readonly number[];
type Attributes = Parameters<typeof node>[3];

/** A Resize of numbers of 8 bits, which come from floats and are floats again. */
function bytes(x: Shape, scales: readonly number[], to: number, attributes: Attributes): OperatorModel {
  return {
    opset: 13,
    inputs: { x },
    outputs: ["y"],
    nodes: [
      node("QuantizeLinear", ["x", "step", "zero"], "q"),
      node("Resize", ["q", "", "scales"], "r", attributes),
      node("Cast", ["r"], "y", { to: FLOAT32 }),
    ],
    weights: [
      weights("step", [], [0.02]),
      { name: "zero", dataType: to, dims: [], rawData: Uint8Array.of(to === UINT8 ? 128 : 250) },
      weights("scales", [scales.length], scales),
    ],
  };
}

const TYPES = { int8: INT8, uint8: UINT8 };
const IMAGE = [1, 5, 6, 8];
const COORDINATES = ["half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"];
const NEAREST = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"];

const nearest = Object.entries(TYPES).flatMap(([type, to]) =>
  COORDINATES.slice(0, 3).flatMap((coordinate_transformation_mode) =>
    NEAREST.map((nearest_mode) => [
      `${type}, nearest, ${coordinate_transformation_mode}, ${nearest_mode}`,
      bytes(IMAGE, [1, 1, 2, 1.5], to, { coordinate_transformation_mode, nearest_mode }),
    ]),
  ),
);
const smaller = Object.entries(TYPES).map(([type, to]) => [
  `${type}, nearest, smaller`,
  bytes(IMAGE, [1, 1, 0.5, 0.75], to, {
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  }),
]);

const linear = Object.entries(TYPES).flatMap(([type, to]) =>
  COORDINATES.slice(0, 3).flatMap((coordinate_transformation_mode) =>
    (
      [
        [IMAGE, [1, 1, 2, 2]],
        [IMAGE, [1, 1, 4, 2]],
        [IMAGE, [1, 1, 0.5, 0.5]],
        [IMAGE, [1, 1, 1, 2]],
        [IMAGE, [1, 1, 2, 1]],
        [
          [6, 8],
          [2, 0.25],
        ],
        [
          [3, 6, 8],
          [1, 2, 8],
        ],
      ] as const
    ).map(([x, scales]) => [
      `${type}, linear, ${coordinate_transformation_mode}, ${x} by ${scales}`,
      bytes(x, scales, to, { mode: "linear", coordinate_transformation_mode }),
    ]),
  ),
);

const wholes: readonly (readonly [string, OperatorModel])[] = [
  [
    "int32, nearest",
    {
      opset: 13,
      inputs: { x: [1, 2, 3, 4] },
      outputs: ["y"],
      types: { x: INT32, y: INT32 },
      nodes: [node("Resize", ["x", "", "", "sizes"], "y", { mode: "nearest" })],
      weights: [integers("sizes", [1, 2, 6, 4])],
    },
  ],
  [
    "Upsample of uint8",
    {
      opset: 9,
      inputs: { x: [1, 2, 3, 4] },
      outputs: ["y"],
      types: { x: UINT8, y: UINT8 },
      nodes: [node("Upsample", ["x", "scales"], "y")],
      weights: [weights("scales", [4], [1, 1, 2, 3])],
    },
  ],
];

const all: Readonly<Record<string, OperatorModel>> = Object.fromEntries([
  ...nearest,
  ...smaller,
  ...linear,
  ...wholes,
]);

describe("whole numbers are resized as by ONNX Runtime", () => {
  testOperators(all, { boards: ["host", "qemu-rpi4", "qemu-rpi2"], written: "imported" });
});

test("the nearest are moved, no more", () => {
  const { nodes } = optimizeGraph(importOnnx(model(all["int32, nearest"])));
  expect(nodes.map(({ op }) => op.kind)).toEqual(["gather"]);
});

describe("whole numbers that a last bit makes others are refused", () => {
  const whole = bytes(IMAGE, [1, 1, 1, 2], UINT8, { coordinate_transformation_mode: "tf_crop_and_resize" });
  const cropped = {
    ...whole,
    nodes: whole.nodes.map((each) =>
      each.opType === "Resize" ? { ...each, input: ["q", "roi", "scales"] } : each,
    ),
    weights: [...(whole.weights ?? []), weights("roi", [8], [0, 0, 0, 0, 1, 1, 1, 1.5])],
  };
  const NHWC = "along others than the last two of up to 4 axes";
  const INEXACT = "by weights that are not exact: a last bit makes another number";
  test.each([
    [bytes(IMAGE, [1, 1, 2, 1.5], INT8, { mode: "linear" }), `mode="linear" of int8 ${INEXACT}`],
    [bytes(IMAGE, [1, 2, 2, 1], UINT8, { mode: "linear" }), `mode="linear" of uint8 ${NHWC}`],
    [bytes(IMAGE, [1, 1, 2, 2], INT8, { mode: "cubic" }), 'mode="cubic" of int8'],
    [cropped, "of uint8 with extrapolation_value"],
  ])("case %#", (text, expected) => {
    expect(messageOf(() => importOnnx(model(text)))).toContain(expected);
  });
});
