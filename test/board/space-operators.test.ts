import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, messageOf, model, node, weights } from "../frontend/onnx-model.ts";
import { joinModels, type OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Attributes = Parameters<typeof node>[3];

/** One operator on its own, or between two convolutions of as many channels as there are. */
function move(
  type: "DepthToSpace" | "SpaceToDepth",
  x: readonly [number, number, number, number],
  attributes: Attributes,
  convolutions?: number,
): OperatorModel {
  const base = { opset: 13, inputs: { x }, outputs: ["y"] };
  if (convolutions === undefined) return { ...base, nodes: [node(type, ["x"], "y", attributes)] };
  return {
    ...base,
    nodes: [
      node("Conv", ["x", "v"], "a"),
      node(type, ["a"], "b", attributes),
      node("Conv", ["b", "w"], "y", { pads: [1, 1, 1, 1] }),
    ],
    weights: [weights("v", [x[1], x[1], 1, 1]), weights("w", [5, convolutions, 3, 3])],
  };
}

/** The same as Reshape, Transpose, Reshape. */
function written(
  x: readonly number[],
  split: readonly number[],
  perm: readonly number[],
  to: readonly number[],
): OperatorModel {
  return {
    inputs: { x },
    outputs: ["y"],
    nodes: [
      node("Reshape", ["x", "split"], "a"),
      node("Transpose", ["a"], "b", { perm }),
      node("Reshape", ["b", "to"], "c"),
      node("Relu", ["c"], "y"),
    ],
    weights: [integers("split", split), integers("to", to)],
  };
}

const WRITTEN = {
  "pixel shuffle": written([2, 12, 4, 5], [2, 3, 2, 2, 4, 5], [0, 1, 4, 2, 5, 3], [2, 3, 8, 10]),
  "pixel unshuffle": written([2, 3, 4, 6], [2, 3, 2, 2, 3, 2], [0, 1, 3, 5, 2, 4], [2, 12, 2, 3]),
  "blocks first": written([2, 24, 4, 5], [2, 3, 2, 4, 4, 5], [0, 3, 4, 1, 5, 2], [2, 4, 12, 10]),
  "blocks first, back": written([2, 3, 4, 6], [2, 3, 2, 2, 3, 2], [0, 3, 5, 1, 2, 4], [2, 12, 2, 3]),
} as const;
const models: Readonly<Record<string, OperatorModel>> = {
  "of old": { ...move("DepthToSpace", [1, 8, 3, 4], { blocksize: 2 }), opset: 9 },
  DCR: move("DepthToSpace", [2, 12, 3, 4], { blocksize: 2, mode: "DCR" }),
  "DCR by 3": move("DepthToSpace", [2, 72, 3, 4], { blocksize: 3 }, 8),
  "DCR of vectors": move("DepthToSpace", [2, 32, 3, 9], { blocksize: 2 }, 8),
  "DCR of few channels": move("DepthToSpace", [2, 12, 3, 4], { blocksize: 2 }, 3),
  CRD: move("DepthToSpace", [2, 12, 3, 4], { blocksize: 2, mode: "CRD" }),
  "CRD of three channels": move("DepthToSpace", [1, 12, 5, 4], { blocksize: 2, mode: "CRD" }, 3),
  "CRD of vectors": move("DepthToSpace", [2, 32, 5, 4], { blocksize: 2, mode: "CRD" }, 8),
  "CRD by 3": move("DepthToSpace", [1, 27, 5, 4], { blocksize: 3, mode: "CRD" }, 3),
  "CRD by 4": move("DepthToSpace", [1, 16, 5, 4], { blocksize: 4, mode: "CRD" }, 1),
  "blocks of one": move("DepthToSpace", [1, 6, 5, 4], { blocksize: 1 }, 6),
  SpaceToDepth: move("SpaceToDepth", [2, 3, 6, 4], { blocksize: 2 }),
  "SpaceToDepth of vectors": move("SpaceToDepth", [2, 8, 6, 4], { blocksize: 2 }, 32),
  "SpaceToDepth by 3": move("SpaceToDepth", [2, 5, 9, 6], { blocksize: 3 }, 45),
  ...WRITTEN,
};

describe("channels put into the map, and back, are ONNX Runtime's", () => {
  testOperators(models, { boards: ["host", "qemu-rpi4"], written: "optimised" });
});

test("three nodes that are one move become it", () => {
  const kinds = Object.values(WRITTEN).map((text) =>
    optimizeGraph(joinModels({ text })).nodes.map(({ op }) => op.kind),
  );
  expect(kinds).toEqual([
    ["depth-to-space", "clamp"],
    ["space-to-depth", "clamp"],
    ["depth-to-space", "clamp"],
    ["space-to-depth", "clamp"],
  ]);
});

test("a SpaceToDepth of the newest operator set may count channels first", () => {
  const graph = importOnnx(
    model({ ...move("SpaceToDepth", [1, 2, 2, 2], { blocksize: 2, mode: "CRD" }), opset: 28 }),
  );
  const x = Float32Array.from({ length: 8 }, (_, i) => i);
  expect([...(runReference(graph, { x }).get("y") ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test.each([
  [[1, 6, 4, 4], "DepthToSpace", "6 channels in blocks of 2x2"],
  [[1, 6, 3, 4], "SpaceToDepth", "a map of 3x4 in blocks of 2x2"],
] as const)("F114 says which blocks do not divide %j", (x, type, why) => {
  const text = messageOf(() => importOnnx(model(move(type, x, { blocksize: 2 }))));
  expect(text).toContain("error[F114]: ");
  expect(text).toContain(why);
});
