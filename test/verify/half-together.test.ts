import { expect, test } from "vitest";
import { roundF16 } from "../../compiler/ir/dtype.ts";
import { defined } from "../../compiler/support/assert.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { boundedReference } from "../../compiler/verify/bounded-reference.ts";
import { compareTensors } from "../../compiler/verify/compare.ts";
import type { LayerPart } from "../../compiler/verify/layer-part.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";

/** A layer of long sums: bounds of each of its elements are wider than what most of these are. */
function layer() {
  const g = graphBuilder(makeRng(5));
  const graph = g.finish([g.conv(g.input([1, 256, 6, 6]), { oc: 8, kernel: 3 })]);
  const [output] = graph.outputs;
  const inputs = randomInputs(graph, makeRng(6));
  const parts: readonly LayerPart[] = [
    { name: "conv", op: "conv2d", floats: "f16", output: { tensor: output, dtype: "f16" } },
  ];
  let bounds: Float32Array | undefined;
  const found = boundedReference(graph, new Map(Object.entries(inputs)), parts, (_, __, bound) => {
    bounds = bound;
    return undefined;
  });
  return { graph, inputs, output, bounds, wanted: found.get(output) ?? new Float32Array() };
}

const { graph, inputs, output, bounds, wanted } = layer();
const compared = (actual: Float32Array, floats?: "f16") =>
  compareTensors([wanted.length], actual, wanted, bounds, 1, floats);

test("what is rounded is right", () => {
  const rng = makeRng(1);
  const rounded = wanted.map((v) => roundF16(v * (1 + 0.01 * rng.normal())));
  expect(compared(rounded, "f16")).toMatchObject({ badCount: 0 });
  expect(compared(rounded, "f16").together).toBeUndefined();
});

test("zeros, and a layer that has lost a row of its kernel, are wrong all together", () => {
  const zeros = wanted.map(() => 0);
  expect(compared(zeros).badCount).toBeLessThan(wanted.length / 2);
  const { badCount } = compared(zeros, "f16");
  expect(badCount).toBeGreaterThan(0);
  const [, weights] = graph.nodes[0].inputs;
  const w = defined(graph.tensors.get(weights), "weights");
  const data = (w.data ?? new Float32Array()).map((v, i) => (Math.floor(i / 3) % 3 === 0 ? 0 : v));
  const lost = { ...graph, tensors: new Map(graph.tensors).set(weights, { ...w, data }) };
  const without = runReference(lost, inputs).get(output) ?? new Float32Array();
  expect(compared(without, "f16").badCount).toBeGreaterThan(0);
});
