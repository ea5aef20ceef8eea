import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Graph } from "../../compiler/graph/graph.ts";

/** A convolution with bias, residual and ReLU6 in one node, as the graph passes make it. */
const FUSED: Graph = {
  name: "fused",
  inputs: ["x"],
  outputs: ["y"],
  nodes: [
    {
      name: "conv",
      op: {
        kind: "conv2d",
        strides: [1, 1],
        pads: [0, 0, 0, 0],
        dilations: [1, 1],
        groups: 2,
        bias: true,
        residual: true,
        clamp: { lo: 0, hi: 6 },
      },
      inputs: ["x", "w", "b", "x"],
      output: "y",
    },
  ],
  tensors: new Map(
    [
      { name: "x", shape: [1, 2, 1, 3] },
      { name: "w", shape: [2, 1, 1, 1], data: Float32Array.of(2, -1) },
      { name: "b", shape: [2], data: Float32Array.of(0.5, 1) },
      { name: "y", shape: [1, 2, 1, 3] },
    ].map((t) => [t.name, t]),
  ),
};

test("fused nodes are written as the nodes they stand for", async () => {
  const bytes = exportOnnx(FUSED);
  expect(importOnnx(bytes).nodes.map((n) => `${n.name} ${n.op.kind}`)).toEqual([
    "conv conv2d",
    "conv/add add",
    "conv/clamp clamp",
  ]);
  const session = await ort.InferenceSession.create(bytes);
  const x = new ort.Tensor("float32", Float32Array.of(-1, 1, 3, 0, 5, -8), [1, 2, 1, 3]);
  const { y } = await session.run({ x });
  // 3x + 0.5 in the first channel, 1 in the second, both cut to [0, 6].
  expect(Array.from(y?.data as Float32Array)).toEqual([0, 3.5, 6, 1, 1, 1]);
});

test("equal graphs give equal bytes", () => {
  expect(exportOnnx(FUSED)).toEqual(exportOnnx({ ...FUSED, tensors: new Map(FUSED.tensors) }));
});
