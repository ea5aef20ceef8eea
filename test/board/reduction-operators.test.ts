import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { REDUCTIONS } from "../../compiler/ops/reductions.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, node } from "../frontend/onnx-model.ts";
import { runCompiled } from "./compare-runs.ts";
import {
  joinedInputs,
  joinedResults,
  joinModels,
  type OperatorModel,
  wrongOutputs,
} from "./operator-models.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-reductions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
  const graph = joinModels(models);
  const inputs = joinedInputs(models);

  test("as their kernels run in Node", async () => {
    const expected = await joinedResults(models, inputs);
    expect(wrongOutputs(runReference(graph, inputs), expected)).toEqual([]);
  });

  test.each(["host", "qemu-rpi4", "qemu-rpi2"])(
    "on %s",
    async (board) => {
      const expected = await joinedResults(models, inputs);
      const { values } = await runCompiled(optimizeGraph(graph), board, join(folder, board), inputs);
      expect(wrongOutputs(values, expected)).toEqual([]);
    },
    300_000,
  );
});
