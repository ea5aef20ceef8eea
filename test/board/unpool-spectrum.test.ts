import { describe } from "vitest";
import { integers, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Shape = readonly number[];
type Named = readonly (readonly [string, OperatorModel])[];

const unpools: Named = (
  [
    [[2, 3, 8], [2]],
    [
      [1, 4, 6, 8],
      [3, 2],
    ],
    [
      [1, 2, 4, 4, 6],
      [2, 2, 3],
    ],
  ] as const
).map(([x, kernel]): readonly [string, OperatorModel] => [
  `MaxUnpool ${x}`,
  {
    ...{ opset: 16, inputs: { x }, outputs: ["y"] },
    nodes: [
      node("MaxPool", ["x"], "p", { kernel_shape: kernel, strides: kernel }, ["i"]),
      node("Tanh", ["p"], "t"),
      node("MaxUnpool", ["t", "i"], "y", { kernel_shape: kernel, strides: kernel }),
    ],
  },
]);

const determinants: Named = (
  [
    [1, 1],
    [2, 2],
    [3, 2, 3, 3],
    [2, 6, 6],
  ] as readonly Shape[]
).map((x): readonly [string, OperatorModel] => [
  `Det ${x}`,
  { opset: 16, inputs: { x }, outputs: ["y"], nodes: [node("Det", ["x"], "y")] },
]);

const transforms: Named = (
  [
    [[1, 8, 1], 1, {}],
    [[2, 10, 3, 1], 1, { onesided: 1 }],
    [[2, 4, 12, 2], 2, {}],
    [[2, 7, 2], 1, { inverse: 1 }],
  ] as const
).flatMap(
  ([x, axis, attributes]): Named => [
    [
      `DFT ${x} along ${axis} ${JSON.stringify(attributes)}`,
      { opset: 17, inputs: { x }, outputs: ["y"], nodes: [node("DFT", ["x"], "y", { axis, ...attributes })] },
    ],
    ...(axis === 1 && x[0] === 2 ? [5, 16] : []).map(
      (length) =>
        [
          `DFT ${x} along ${axis} of ${length} ${JSON.stringify(attributes)}`,
          {
            ...{ opset: 20, inputs: { x }, outputs: ["y"] },
            nodes: [node("DFT", ["x", "length", "axis"], "y", attributes)],
            weights: [integers("length", [length], []), integers("axis", [axis], [])],
          },
        ] as const,
    ),
  ],
);

/** Regions of which some reach outside. */
const regions: Named = ["half_pixel"].map((mode): readonly [string, OperatorModel] => [
  `RoiAlign max ${mode}`,
  {
    ...{ opset: 16, inputs: { x: [2, 6, 9, 8], corners: [4, 2], sizes: [4, 2] }, outputs: ["y"] },
    nodes: [
      ...[node("Abs", ["sizes"], "s"), node("Mul", ["s", "three"], "size")],
      ...[node("Add", ["corners", "three"], "c"), node("Add", ["c", "size"], "end")],
      node("Concat", ["c", "end"], "rois", { axis: 1 }),
      node("RoiAlign", ["x", "rois", "i"], "y", {
        ...{ output_height: 3, output_width: 2, sampling_ratio: 2, mode: "max" },
        coordinate_transformation_mode: mode,
      }),
    ],
    weights: [weights("three", [], [3]), integers("i", [0, 1, 1, 0])],
  },
]);

describe("what is unpooled, determinants, spectra and regions are ONNX Runtime's", () => {
  testOperators(Object.fromEntries([...unpools, ...determinants, ...transforms, ...regions]), {
    boards: ["host", "qemu-rpi2"],
  });
});
