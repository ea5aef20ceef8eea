import { expect, it } from "vitest";
import { NO_CLAMP } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { boundedReference } from "../../compiler/verify/bounded-reference.ts";
import type { LayerPart } from "../../compiler/verify/layer-part.ts";
import {
  callError,
  converted,
  divided,
  FUNCTION_ERRORS,
  halfLogistic,
  within,
} from "../../compiler/verify/rounding.ts";
import { type GraphBuilder, graphBuilder } from "../graph/graph-builder.ts";

const INFINITE = Number.POSITIVE_INFINITY;

/** Bounds of a network's output, each of its tensors being f16 of a layer of its own. */
function boundsOf(
  make: (g: GraphBuilder, x: string) => string,
  values: readonly number[],
): readonly number[] {
  const g = graphBuilder(makeRng(1));
  const x = g.input([1, 1, 1, values.length]);
  const graph = g.finish([make(g, x)]);
  const layers = graph.nodes.map(
    ({ name, output }): LayerPart => ({
      name,
      op: "activation",
      floats: "f16",
      output: { tensor: output, dtype: "f16" },
    }),
  );
  let found: readonly number[] = [];
  boundedReference(graph, new Map([[x, Float32Array.from(values)]]), layers, (_, __, bounds) => {
    found = [...(bounds ?? [])];
    return undefined;
  });
  return found;
}

it("a number that may be too large for f16 is not known once it is read as such", () => {
  const [fits, not, less] = boundsOf((g, x) => g.elementwise(x, x, "sub"), [100, 7e4, -1e30]);
  expect(fits).toBeLessThan(1);
  expect([not, less]).toEqual([INFINITE, INFINITE]);
  // zero times what may be infinite
  expect(boundsOf((g, x) => g.elementwise(g.elementwise(x, x, "sub"), x, "mul"), [7e4])).toEqual([INFINITE]);
});

it("a result beyond f16 is not known, whatever it was made of", () => {
  const clamp = { kind: "clamp", clamp: { lo: 7e4, hi: INFINITE } } as const;
  expect(boundsOf((g, x) => g.node(clamp, [x], [1, 1, 1, 1]), [1])).toEqual([INFINITE]);
});

it("a sum whose weights a large factor is folded into may overflow, however small it is", () => {
  const g = graphBuilder(makeRng(1));
  const [x, factor] = [g.input([1, 8, 4, 4]), g.input([1, 8, 4, 4])];
  const graph = g.finish([g.elementwise(g.conv(x, { oc: 8, kernel: 1 }), factor, "mul")]);
  const rng = makeRng(2);
  const inputs = new Map([
    [x, new Float32Array(128).map(() => rng.normal())],
    [factor, new Float32Array(128).fill(5e4)],
  ]);
  const output = { tensor: graph.outputs[0], dtype: "f16" } as const;
  let small = 0;
  boundedReference(graph, inputs, [{ name: "all", op: "conv2d", output }], (tensor, wanted, bounds) => {
    if (tensor !== output.tensor) return undefined;
    for (const [i, v] of wanted.entries())
      if (Math.abs(v) < 3e4) small += bounds?.[i] === INFINITE ? 1 : Number.NaN;
    return undefined;
  });
  expect(small).toBeGreaterThan(5);
});

it("the border of a maximum is no such number", () => {
  const pool = {
    kind: "pool",
    mode: "max",
    kernel: [1, 3],
    strides: [1, 1],
    pads: [0, 1, 0, 1],
    dilations: [1, 1],
    countIncludePad: false,
    clamp: NO_CLAMP,
  } as const;
  const bounds = boundsOf((g, x) => g.node(pool, [x], [1, 1, 1, 3]), [1, 2, 3]);
  expect(Math.max(...bounds)).toBeLessThan(0.01);
});

it("conversions to f16 know of what is too large, and round what is not f16", () => {
  expect([converted("f16", 7e4, 0), converted("f16", 7e4, 1), converted("f16", 65000, 600)]).toEqual([
    INFINITE,
    INFINITE,
    INFINITE,
  ]);
  expect(converted("f16", 0.5, 0)).toBe(0);
  expect(converted("f16", 0.1, 0)).toBeGreaterThan(2 ** -16);
  expect(converted("i8", 3, INFINITE)).toBe(131);
});

it("what becomes of infinite bounds is no NaN", () => {
  expect(FUNCTION_ERRORS.exp(-1e4, INFINITE)).toBe(INFINITE);
  expect(divided(1, INFINITE, INFINITE, 0)).toBe(INFINITE);
  // what may have overflowed may be NaN, and what is made of it, too
  expect([FUNCTION_ERRORS.tanh(1, INFINITE), halfLogistic(1, 0, 1, INFINITE)]).toEqual([INFINITE, INFINITE]);
  expect([callError("sin", [1], [INFINITE], 0.8), callError("isLess", [1, 2], [INFINITE, 0], 1)]).toEqual([
    INFINITE,
    1,
  ]);
  expect(within(1, Number.NaN)).toBe(INFINITE);
});
