import { describe, expect, test } from "vitest";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { integers, node, weights } from "../frontend/onnx-model.ts";
import { joinModels, type OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

const EPSILON = { epsilon: { float: 0.01 } } as const;
function norm(
  type: string,
  shape: readonly number[],
  affine: readonly (readonly number[])[],
  attributes: Parameters<typeof node>[3],
  more: Partial<OperatorModel> = {},
): OperatorModel {
  const names = ["s", "t"].slice(0, affine.length);
  return {
    opset: 17,
    inputs: { x: shape },
    outputs: ["y"],
    nodes: [node(type, ["x", ...names], "y", attributes)],
    weights: affine.map((of, i) => weights(names[i], of)),
    ...more,
  };
}
const instance = (shape: readonly number[], more: Partial<OperatorModel> = {}): OperatorModel =>
  norm("InstanceNormalization", shape, [[shape[1]], [shape[1]]], EPSILON, more);
const layer = (
  shape: readonly number[],
  affine: readonly (readonly number[])[],
  axis: number,
): OperatorModel => norm("LayerNormalization", shape, affine, { axis, ...EPSILON });

/** What exporters write of a layer norm over the last axis. */
const CHAIN = [
  node("ReduceMean", ["x"], "mean", { axes: [-1] }),
  node("Sub", ["x", "mean"], "off"),
  node("Pow", ["off", "two"], "square"),
  node("ReduceMean", ["square"], "variance", { axes: [-1] }),
  node("Add", ["variance", "eps"], "safe"),
  node("Sqrt", ["safe"], "deviation"),
  node("Div", ["off", "deviation"], "normal"),
  node("Mul", ["normal", "s"], "scaled"),
  node("Add", ["scaled", "t"], "y"),
];
const chain = (shape: readonly number[]): OperatorModel => ({
  inputs: { x: shape },
  outputs: ["y"],
  nodes: CHAIN,
  weights: [
    weights("two", [], [2]),
    weights("eps", [], [1e-3]),
    weights("s", [shape.at(-1) ?? 1]),
    weights("t", [shape.at(-1) ?? 1]),
  ],
});

const models: Readonly<Record<string, OperatorModel>> = {
  "root mean square": norm("RMSNormalization", [2, 3, 40], [[40]], EPSILON, { opset: 23 }),
  "root mean square of several axes": norm(
    "RMSNormalization",
    [2, 6, 5, 7],
    [[6, 5, 7]],
    { axis: 1, ...EPSILON },
    { opset: 23 },
  ),
  "instance norm": instance([2, 6, 5, 7]),
  "instance norm of whole vectors": instance([1, 16, 9, 9]),
  "instance norm of rows": instance([2, 3, 40]),
  "instance norm of volumes": instance([2, 3, 4, 5, 6]),
  "instance norm, Relu": instance([1, 8, 6, 6], {
    nodes: [node("InstanceNormalization", ["x", "s", "t"], "i", EPSILON), node("Relu", ["i"], "y")],
  }),
  "instance norm behind a convolution": instance([1, 8, 6, 6], {
    nodes: [
      node("Conv", ["x", "w"], "c", { pads: [1, 1, 1, 1] }),
      node("InstanceNormalization", ["c", "s", "t"], "y", EPSILON),
    ],
    weights: [weights("w", [8, 8, 3, 3]), weights("s", [8]), weights("t", [8])],
  }),
  "layer norm": layer([2, 9, 48], [[48], [48]], -1),
  "layer norm of few": layer([3, 7], [[7], [7]], 1),
  "layer norm of an odd number": layer([2, 3, 53], [[53]], 2),
  "layer norm from an axis on": layer(
    [2, 6, 5, 7],
    [
      [6, 5, 7],
      [6, 5, 7],
    ],
    1,
  ),
  "layer norm, scale spread": layer([2, 6, 5, 7], [[7], [1]], 2),
  ...Object.fromEntries(
    [
      [2, 9, 48],
      [4, 40],
      [1, 5, 6, 32],
    ].map((shape) => [`layer norm written out ${shape}`, chain(shape)]),
  ),
  "group norm as exporters write it": {
    inputs: { x: [2, 8, 5, 6] },
    outputs: ["y"],
    nodes: [
      node("Reshape", ["x", "rows"], "r"),
      node("InstanceNormalization", ["r", "one", "zero"], "i", EPSILON),
      node("Reshape", ["i", "back"], "b"),
      node("Mul", ["b", "s"], "m"),
      node("Add", ["m", "t"], "y"),
    ],
    weights: [
      ...[integers("rows", [2, 4, -1]), integers("back", [2, 8, 5, 6])],
      ...[weights("one", [4], [1, 1, 1, 1]), weights("zero", [4], [0, 0, 0, 0])],
      ...[weights("s", [8, 1, 1]), weights("t", [8, 1, 1])],
    ],
  },
  "group norm": norm(
    "GroupNormalization",
    [2, 8, 5, 6],
    [[8], [8]],
    { num_groups: 4, ...EPSILON },
    { opset: 21 },
  ),
  "Lp 1": norm("LpNormalization", [2, 6, 5], [], { axis: 1, p: 1 }),
  "Lp 2": norm("LpNormalization", [2, 6, 5], [], {}),
  "mean and variance": norm("MeanVarianceNormalization", [2, 6, 5, 7], [], {}),
  "mean and variance of channels": norm("MeanVarianceNormalization", [2, 6, 5, 7], [], { axes: [1] }),
};

describe("normalisations are ONNX Runtime's", () => {
  testOperators(models, { boards: ["host", "qemu-rpi4", "qemu-rpi2"], tolerance: 2e-5 });
});

test("chains of nodes are taken for the layer norms they are", () => {
  const { nodes } = optimizeGraph(joinModels(models));
  const written = nodes.filter(({ name }) => name.startsWith("layer norm written out"));
  expect(written.map(({ op }) => op.kind)).toEqual(["layer-norm", "layer-norm", "layer-norm"]);
});
