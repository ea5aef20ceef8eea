import { expect, test } from "vitest";
import { type Clamp, type Graph, NO_CLAMP } from "../../compiler/graph/graph.ts";
import { pairQuantization } from "../../compiler/graph/passes/pair-quantization.ts";
import { removeDead } from "../../compiler/graph/passes/remove-dead.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { outputsApart } from "../verify/differences.ts";
import { type GraphBuilder, graphBuilder, RELU, randomInputs } from "./graph-builder.ts";

const SCALE = Math.fround(0.021);
const INT8: Clamp = { lo: -128, hi: 127 };

/** x quantized, and taken back. */
function rounded(g: GraphBuilder, x: string, { alpha = SCALE, beta = 0, clamp = INT8 } = {}): string {
  const activation = (fn: "quantize" | "dequantize") => ({ fn, alpha, beta }) as const;
  const shape = g.shape(x);
  const steps = g.node({ kind: "activation", activation: activation("quantize"), clamp }, [x], shape);
  const back = { kind: "activation", activation: activation("dequantize"), clamp: NO_CLAMP } as const;
  return g.node(back, [steps], shape);
}

/** What is left of a graph, which computes the same. */
function paired(make: (g: GraphBuilder) => string): readonly string[] {
  const g = graphBuilder();
  const before: Graph = g.finish([make(g)]);
  const after = removeDead(pairQuantization(before));
  expect(outputsApart(before, after, randomInputs(before, makeRng(3)))).toEqual([]);
  return after.nodes.map(({ op }) => (op.kind === "activation" ? op.activation.fn : op.kind));
}

const SHAPE = [1, 4, 6, 6];

test("a number that is quantized and taken back is rounded at once", () => {
  expect(paired((g) => rounded(g, g.input(SHAPE)))).toEqual(["fake-quantize"]);
  expect(paired((g) => rounded(g, g.input(SHAPE), { alpha: 0.25 }))).toEqual(["requantize"]);
  expect(paired((g) => rounded(g, g.clamp(g.input(SHAPE), RELU), { beta: -100 }))).toEqual(["fake-quantize"]);
});

test("what was rounded so and only moved since is not rounded again", () => {
  const moved = (by: { alpha?: number; clamp?: Clamp }) => (g: GraphBuilder) => {
    const pooled = g.maxPool(rounded(g, g.input(SHAPE)), { kernel: 2 });
    return g.add(rounded(g, pooled, by), g.concat([pooled], 1));
  };
  expect(paired(moved({}))).toEqual(["fake-quantize", "pool", "concat", "add"]);
  expect(paired(moved({ clamp: { lo: -20, hi: 30 } }))).toEqual([
    ...["fake-quantize", "pool", "clamp", "concat", "add"],
  ]);
  expect(paired(moved({ alpha: 0.05 }))).toEqual(["fake-quantize", "pool", "fake-quantize", "concat", "add"]);
});

test("a clamp keeps what was rounded where its bounds are such numbers", () => {
  const held = (clamp: Clamp) => (g: GraphBuilder) => {
    const x = g.clamp(rounded(g, g.input(SHAPE)), clamp);
    return g.add(rounded(g, x), x);
  };
  expect(paired(held(RELU))).toEqual(["fake-quantize", "clamp", "add"]);
  expect(paired(held({ lo: 0, hi: 0.5 }))).toEqual(["fake-quantize", "clamp", "fake-quantize", "add"]);
});
