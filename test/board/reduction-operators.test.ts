import { describe } from "vitest";
import { REDUCTIONS } from "../../compiler/ops/reduce/reductions.ts";
import { integers, node } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

const TYPES = [...Object.values(REDUCTIONS).map(({ onnx }) => onnx), "ReduceLogSumExp"];

/** In operator set 13 axes are an attribute but of ReduceSum, in 18 an input. */
function reduction(
  type: string,
  shape: readonly number[],
  axes: readonly number[] | undefined,
  keepdims: number,
  opset = 18,
): OperatorModel {
  const asInput = opset >= 18 || type === "ReduceSum";
  const given = axes === undefined ? {} : { axes };
  return {
    opset,
    inputs: { x: shape },
    outputs: ["y"],
    values: type === "ReduceLogSum" ? "positive" : "small",
    nodes: [
      asInput && axes !== undefined
        ? node(type, ["x", "axes"], "y", { keepdims })
        : node(type, ["x"], "y", { ...given, keepdims }),
    ],
    weights: asInput && axes !== undefined ? [integers("axes", axes)] : [],
  };
}

const FORMS: readonly (readonly [readonly number[], readonly number[] | undefined])[] = [
  [[2, 6, 5, 7], [1]],
  [[2, 6, 5, 7], [-1]],
  [
    [2, 6, 5, 7],
    [2, 3],
  ],
  [
    [2, 6, 5, 7],
    [0, 2],
  ],
  [[3, 4, 50], [2]],
  [[3, 50, 9], [1]],
  [[2, 8], [1]],
  [[40], [0]],
  [
    [2, 3, 2, 3, 4],
    [0, 2, 4],
  ],
  [[3, 4, 5], undefined],
];
const models: Readonly<Record<string, OperatorModel>> = Object.fromEntries(
  TYPES.flatMap((type, t) =>
    FORMS.flatMap(([shape, axes], f) => {
      // keepdims and operator sets in turns: each of both with each form over all types
      const keepdims = (t + f) % 2;
      const opset = (t + f) % 3 === 0 ? 13 : 18;
      if (axes === undefined && keepdims === 0) return [];
      return [
        [`${type} ${shape} ${axes} ${keepdims} ${opset}`, reduction(type, shape, axes, keepdims, opset)],
      ];
    }),
  ),
);

describe("reductions over any axes are ONNX Runtime's", () => {
  testOperators(models, { boards: ["host", "qemu-rpi4", "qemu-rpi2"] });
});
