import { expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { halfOutputs } from "../../compiler/graph/halves.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { meanApart } from "../../compiler/graph/passes/mean-apart.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { actOf } from "../../compiler/ops/activation/activations.ts";
import { model, node, weights } from "../frontend/onnx-model.ts";
import { graphBuilder } from "../graph/graph-builder.ts";

const RPI5 = loadTarget("rpi5");

/** Operators of the steps that are f16, of weights that are multiples of a factor. */
function halves(nodes: readonly OnnxNode[], factor = 0.01, scale = 0.05): readonly string[] {
  const { plan } = planForTarget(optimizeGraph(graphOf(nodes, factor, scale)), RPI5, { numerics: "f16" });
  return plan.steps.filter(({ task }) => task.floats === "f16").map(({ task }) => task.op);
}

function graphOf(nodes: readonly OnnxNode[], factor = 0.01, scale = 0.05): Graph {
  return importOnnx(
    model({
      inputs: { x: [1, 64, 8, 8] },
      outputs: ["y"],
      nodes,
      weights: [
        weights(
          "w",
          [32, 64, 1, 1],
          Array.from({ length: 2048 }, (_, i) => Math.fround((((i * 37) % 255) - 127) * Math.fround(factor))),
        ),
        weights("scale", [], [scale]),
      ],
    }),
  );
}

const CONV = node("Conv", ["x", "w"], "y");

test("convolutions of floats are f16", () => {
  expect(halves([CONV])).toContain("conv2d");
});

test("weights that f16 does not hold are not", () => {
  expect(halves([CONV], 1e3)).toEqual([]);
  expect(halves([CONV], 1e-9)).toEqual([]);
});

/** Quantized, and taken back. */
const stepped = (x: string, y: string): readonly OnnxNode[] => [
  node("QuantizeLinear", [x, "scale"], `${y}_q`),
  node("DequantizeLinear", [`${y}_q`, "scale"], y),
];

test("what is quantized is where all who read it are, in steps that f16 tells apart", () => {
  const conv = [...stepped("x", "d"), node("Conv", ["d", "w"], "y")];
  expect(halves(conv)).toEqual(["activation", "int8-conv"]);
  for (const scale of [1e-6, 1e4]) expect(halves(conv, 0.01, scale), `${scale}`).toEqual([]);
  const moved = [
    ...stepped("x", "d"),
    node("MaxPool", ["d"], "p", { kernel_shape: [2, 2] }),
    node("Concat", ["p", "p"], "c", { axis: 1 }),
    node("Slice", ["c", "from", "to", "axes"], "s"),
    node("Conv", ["s", "w"], "y"),
    ...[
      ["from", 0],
      ["to", 64],
      ["axes", 1],
    ].map(([name, n]) => node("Constant", [], String(name), { value_ints: [Number(n)] })),
  ];
  expect(halves([...moved.slice(-3), ...moved.slice(0, -3)])).toEqual(
    expect.arrayContaining(["activation", "max-pool", "int8-conv"]),
  );
  // of an output, and where somebody reads f32, exact numbers are wanted
  expect(halves([node("Conv", ["x", "w"], "z"), ...stepped("z", "y")])).toEqual([]);
  const read = [node("Conv", ["x", "w"], "z"), ...stepped("z", "d"), node("Sqrt", ["d"], "y")];
  expect(halves(read)).toEqual([]);
});

test("what is f16 is rounded to steps without a division", () => {
  const { plan } = planForTarget(
    optimizeGraph(graphOf([...stepped("x", "d"), node("Conv", ["d", "w"], "y")])),
    RPI5,
    {
      numerics: "f16",
    },
  );
  const acts = plan.steps.flatMap(({ task }) => (task.op === "activation" ? [task.dims.ACT] : []));
  expect(acts).toEqual([actOf("requantize")]);
});

test("whole numbers are not: an index of 4001 is no f16", () => {
  const whole = [
    node("ArgMax", ["x"], "places", { axis: 1, keepdims: 1 }),
    node("Cast", ["places"], "floats", { to: 1 }),
    node("Clip", ["floats"], "clipped"),
    node("Relu", ["clipped"], "y"),
  ];
  expect(halves(whole)).toEqual([]);
  const rounded = [node("Floor", ["x"], "whole"), node("Relu", ["whole"], "y")];
  expect(halves(rounded)).toEqual([]);
});

test("a mean of sums is a node of its own, and f16 as they are", () => {
  const g = graphBuilder();
  const sums = g.conv(g.input([1, 16, 7, 7]), { oc: 32, kernel: 1 });
  const graph = optimizeGraph(g.finish([g.globalAvgPool(sums)]));
  expect(graph.nodes.length).toBe(1);
  const apart = meanApart(graph);
  expect(apart.nodes.map(({ op }) => op.kind)).toEqual(["conv2d", "global-avg-pool"]);
  expect(halfOutputs(apart).size).toBe(2);
});
