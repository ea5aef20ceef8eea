import { expect, test } from "vitest";
import { weightBytes } from "../../compiler/driver/decide/fit-weights.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { model, node, weights } from "../frontend/onnx-model.ts";

const RPI5 = loadTarget("rpi5");

/** A network whose input is quantized, by `scale`, and read by convolutions of weights that are multiples of `step`. */
function planned(nodes: readonly OnnxNode[], { scale = 0.05, step = 0.01, target = RPI5 } = {}): Plan {
  const whole = Array.from({ length: 32 * 64 }, (_, i) =>
    Math.fround((((i * 37) % 255) - 127) * Math.fround(step)),
  );
  const bytes = {
    inputs: { x: [1, 64, 8, 8], z: [1, 128, 8, 8] },
    outputs: nodes
      .filter(({ opType }) => opType === "Conv" || opType === "Mul")
      .flatMap(({ output = [] }) => output),
    nodes: [
      ...["x", "z"].flatMap((name) => [
        node("QuantizeLinear", [name, "scale"], `${name}_q`),
        node("DequantizeLinear", [`${name}_q`, "scale"], `${name}_d`),
      ]),
      ...nodes,
    ],
    weights: [weights("w", [32, 64, 1, 1], whole), weights("scale", [], [scale])],
  };
  return planForTarget(optimizeGraph(importOnnx(model(bytes))), target).plan;
}

const opsOf = ({ steps }: Plan): readonly string[] =>
  steps.map(({ task }) => task.op).filter((op) => op === "conv2d" || op === "int8-conv");
const CONV = node("Conv", ["x_d", "w"], "y");

test("convolutions of quantized maps and weights are int8 where the core multiplies so", () => {
  expect(opsOf(planned([CONV]))).toEqual(["int8-conv"]);
  expect(opsOf(planned([CONV], { target: loadTarget("rpi4") }))).toEqual(["int8-conv"]);
  // rounding takes what products of so few output channels save, where the map is read in floats, too
  expect(opsOf(planned([CONV], { target: loadTarget("rpi3") }))).toEqual(["int8-conv"]);
  const other = node("Mul", ["x_d", "x_d"], "y2");
  expect(opsOf(planned([CONV, other], { target: loadTarget("rpi3") }))).toEqual(["conv2d"]);
  expect(opsOf(planned([CONV], { target: loadTarget("rpi2") }))).toEqual(["conv2d"]);
});

test("weights that two convolutions share in different shapes are looked at in each", () => {
  const other = [node("Reshape", ["w", "shape"], "w2"), node("Conv", ["z_d", "w2"], "y2")];
  const shape = node("Constant", [], "shape", { value_ints: [16, 128, 1, 1] });
  expect(opsOf(planned([shape, CONV, ...other]))).toEqual(["int8-conv", "int8-conv"]);
  expect(opsOf(planned([shape, ...other, CONV]))).toEqual(["int8-conv", "int8-conv"]);
});

test("scales whose reciprocals or products f32 does not hold are computed in floats", () => {
  for (const scale of [1e-39, 2 ** -128])
    expect(opsOf(planned([CONV], { scale, step: 1e30 }))).toEqual(["conv2d"]);
  expect(opsOf(planned([CONV], { scale: 1e20, step: 1e20 }))).toEqual(["conv2d"]);
  expect(opsOf(planned([CONV], { scale: 1e-20, step: 1e-20 }))).toEqual(["conv2d"]);
  expect(opsOf(planned([CONV], { scale: 2 ** -100, step: 1 }))).toEqual(["int8-conv"]);
});

test("weights are counted as the bytes that they are", () => {
  expect(weightBytes(planned([CONV]))).toBe(32 * 64 + 2 * 4 * 32);
});
