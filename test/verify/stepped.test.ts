import { expect, test } from "vitest";
import type { GraphNode } from "../../compiler/graph/graph.ts";
import { roundF16 } from "../../compiler/ir/dtype.ts";
import { multiplesOf, openSteps } from "../../compiler/verify/stepped.ts";
import { graphBuilder } from "../graph/graph-builder.ts";

const STEP = Math.fround(0.0213);
const multiples = Float32Array.from([-255, -3, 0, 1, 77, 254], (n) => n * STEP);
const halves = multiples.map(roundF16);

/** What is taken for the results of each node of a network in turn, where a board gave f16. */
function taken(nodes: readonly GraphNode[]): readonly Float32Array[] {
  const stepOf = openSteps();
  return nodes.map((node) => {
    const step = stepOf(node);
    return step === undefined ? halves : multiplesOf(step, halves);
  });
}

test("f16 of what is quantized is taken for multiples of its step, moved and chosen among, too", () => {
  const g = graphBuilder();
  const x = g.activation(g.activation(g.input([1, 6, 2, 2]), "quantize", STEP, 3), "dequantize", STEP, 3);
  const pooled = g.maxPool(x, { kernel: 2 });
  g.concat([pooled, pooled], 1);
  const { nodes } = g.finish([pooled]);
  const [, ...after] = taken(nodes);
  expect(halves).not.toEqual(multiples);
  for (const found of after) expect(found).toEqual(multiples);
  expect(after).toHaveLength(3);
});

test("what is computed of it, or has more steps than f16 tells apart, is left as it is", () => {
  const g = graphBuilder();
  const x = g.activation(g.input([1, 6, 1, 1]), "dequantize", STEP, 0);
  const y = g.add(x, g.activation(x, "sigmoid"));
  const fine = g.activation(y, "dequantize", STEP / 300, 0);
  const found = taken(g.finish([fine]).nodes);
  expect(found.slice(1, 3)).toEqual([halves, halves]);
  expect([...found[3]].filter((v, i) => v !== halves[i]).length).toBeLessThan(3);
});
