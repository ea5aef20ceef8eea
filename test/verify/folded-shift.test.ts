import { expect, test } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { NO_CLAMP } from "../../compiler/graph/graph.ts";
import { boundedReference } from "../../compiler/verify/bounded-reference.ts";
import { spreadOverChannels } from "../../compiler/verify/folded-shift.ts";
import { graphBuilder } from "../graph/graph-builder.ts";

/** A depthwise convolution of small products, and a large number added behind it. */
function network(): Graph {
  const constant = (name: string, shape: readonly number[], value: number) => ({
    name,
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  });
  const tensors = [
    { name: "x", shape: [1, 4, 5, 5] },
    { name: "c", shape: [1, 4, 5, 5] },
    { name: "y", shape: [1, 4, 5, 5] },
    constant("w", [4, 1, 5, 5], 1e-5),
    ...[constant("scale", [4], 2), constant("shift", [4], 0.6)],
    ...[constant("mean", [4], 0), constant("variance", [4], 1)],
  ];
  const window = { strides: [1, 1], pads: [2, 2, 2, 2], dilations: [1, 1] } as const;
  const conv = {
    kind: "conv2d",
    ...window,
    groups: 4,
    bias: false,
    residual: false,
    clamp: NO_CLAMP,
  } as const;
  return {
    name: "shifted",
    inputs: ["x"],
    outputs: ["y"],
    nodes: [
      { name: "conv", op: conv, inputs: ["x", "w"], output: "c" },
      {
        name: "norm",
        op: { kind: "batch-norm", epsilon: 0 },
        inputs: ["c", "scale", "shift", "mean", "variance"],
        output: "y",
      },
    ],
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
  };
}

test("a sum that begins with what is added behind it rounds each product to that size", () => {
  const x = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i));
  const bounds = new Map<string, Float32Array | undefined>();
  const values = boundedReference(network(), new Map([["x", x]]), [], (tensor, _, of) => {
    bounds.set(tensor, of?.slice());
    return undefined;
  });
  // the middle of the map, where all 25 products count, as a kernel with the shift for its bias computes it
  const at = 2 * 5 + 2;
  let folded = Math.fround(0.6);
  for (let i = 0; i < 25; i++) folded = Math.fround(folded + Math.fround(Math.fround(2e-5) * x[i]));
  const error = Math.abs(folded - (values.get("y")?.[at] ?? Number.NaN));
  const bound = bounds.get("y")?.[at] ?? 0;
  expect(error).toBeLessThanOrEqual(bound);
  expect(bound).toBeGreaterThan(25 * 2 ** -24 * 0.6);
  expect(bounds.get("c")?.[at]).toBeLessThan(1e-9);
});

test("where channels are mixed each is as far off as the worst of its pixel", () => {
  const g = graphBuilder();
  const y = g.conv(g.input([2, 3, 1, 2]), { oc: 3, kernel: 1 });
  const graph = g.finish([y]);
  const bounds = Float32Array.of(1, 2, 5, 0, 3, 1, 0, 0, 0, 7, 4, 0);
  spreadOverChannels(graph, graph.nodes[0], bounds);
  expect([...bounds]).toEqual([5, 2, 5, 2, 5, 2, 4, 7, 4, 7, 4, 7]);
});
