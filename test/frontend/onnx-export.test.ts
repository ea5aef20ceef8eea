import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Conv2d, Graph } from "../../compiler/graph/graph.ts";

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
        residual: "before",
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

test("slopes and a residual added last are nodes of their own", async () => {
  const [{ op, inputs, ...node }] = FUSED.nodes;
  const graph: Graph = {
    ...FUSED,
    nodes: [
      {
        ...node,
        op: {
          ...(op as Conv2d),
          activation: { fn: "leaky-relu", alpha: 0, beta: 0 },
          slopes: true,
          residual: "after",
        },
        inputs: ["x", "w", "b", "s", "x"],
      },
    ],
    tensors: new Map(FUSED.tensors).set("s", { name: "s", shape: [2], data: Float32Array.of(-1, 0.5) }),
  };
  const bytes = exportOnnx(graph);
  expect(importOnnx(bytes).nodes.map((n) => `${n.name} ${n.op.kind}`)).toEqual([
    "conv conv2d",
    "conv/activation prelu",
    "conv/clamp clamp",
    "conv/add add",
  ]);
  const session = await ort.InferenceSession.create(bytes);
  const x = new ort.Tensor("float32", Float32Array.of(-1, 1, 3, 0, 5, -8), [1, 2, 1, 3]);
  const { y } = await session.run({ x });
  // |2x + 0.5|, and 1 - x or half of it below zero, both cut to [0, 6]; then x again.
  expect(Array.from(y?.data as Float32Array)).toEqual([0.5, 3.5, 9, 1, 5, -2]);
});

test("constants that are added take names that no tensor has", async () => {
  const clamp = { lo: -1, hi: 6 };
  const nodes = ["y/max", "y/min", "y"].map((output) => ({
    ...{ name: `${output}/node`, output, inputs: ["x"] },
    op: { kind: "clamp", clamp: output === "y" ? clamp : { lo: -0.5, hi: 0.5 } } as const,
  }));
  const tensors = new Map(["x", "y", "y/min", "y/max"].map((name) => [name, { name, shape: [1, 4] }]));
  const graph: Graph = { name: "clash", inputs: ["x"], outputs: ["y", "y/min", "y/max"], nodes, tensors };
  const bytes = exportOnnx(graph);
  expect(importOnnx(bytes).outputs).toEqual(graph.outputs);
  const session = await ort.InferenceSession.create(bytes);
  const { y, "y/min": other } = await session.run({
    x: new ort.Tensor("float32", Float32Array.of(-3, -0.75, 0.25, 9), [1, 4]),
  });
  expect([...(y.data as Float32Array)]).toEqual([-1, -0.75, 0.25, 6]);
  expect([...(other.data as Float32Array)]).toEqual([-0.5, -0.5, 0.25, 0.5]);
  await session.release();
});

test("equal graphs give equal bytes", () => {
  expect(exportOnnx(FUSED)).toEqual(exportOnnx({ ...FUSED, tensors: new Map(FUSED.tensors) }));
});
