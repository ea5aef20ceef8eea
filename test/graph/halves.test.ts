import { expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { halfOutputs } from "../../compiler/graph/halves.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { meanApart } from "../../compiler/graph/passes/mean-apart.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { model, node, weights } from "../frontend/onnx-model.ts";
import { graphBuilder } from "../graph/graph-builder.ts";

const RPI5 = loadTarget("rpi5");

/** Operators of the steps that are f16. */
function halves(nodes: readonly OnnxNode[], factor = 0.01): readonly string[] {
  const graph = importOnnx(
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
        weights("scale", [], [0.05]),
      ],
    }),
  );
  const { plan } = planForTarget(optimizeGraph(graph), RPI5, { numerics: "f16" });
  return plan.steps.filter(({ task }) => task.floats === "f16").map(({ task }) => task.op);
}

const CONV = node("Conv", ["x", "w"], "y");

test("convolutions of floats are f16", () => {
  expect(halves([CONV])).toContain("conv2d");
});

test("what is quantized is not, nor are weights that f16 does not hold", () => {
  const quantized = [
    node("QuantizeLinear", ["x", "scale"], "q"),
    node("DequantizeLinear", ["q", "scale"], "d"),
    node("Conv", ["d", "w"], "y"),
  ];
  expect(halves(quantized)).toEqual([]);
  expect(halves([CONV], 1e3)).toEqual([]);
  expect(halves([CONV], 1e-9)).toEqual([]);
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
