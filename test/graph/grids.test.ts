import { expect, test } from "vitest";
import { NO_CLAMP } from "../../compiler/graph/graph.ts";
import { gridsOf, offsetOf } from "../../compiler/graph/grids.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { type GraphBuilder, graphBuilder } from "./graph-builder.ts";

const SCALE = Math.fround(0.021);
const [LO, HI] = [Math.fround(-10 * SCALE), Math.fround(245 * SCALE)];

function rounded(g: GraphBuilder, x: string): string {
  const activation = { fn: "fake-quantize", alpha: SCALE, beta: 0 } as const;
  return g.node({ kind: "activation", activation, clamp: { lo: LO, hi: HI } }, [x], g.shape(x));
}

/** What the last tensor holds once the graph is as it is compiled. */
function lastGrid(make: (g: GraphBuilder, x: string) => string) {
  const g = graphBuilder();
  const output = make(g, g.input([1, 8, 6, 6]));
  return gridsOf(optimizeGraph(g.finish([output]))).get(output);
}

test("what a convolution rounds last is on a grid, and what only moves or chooses stays there", () => {
  const grid = { alpha: SCALE, lo: LO, hi: HI };
  expect(lastGrid((g, x) => rounded(g, g.conv(x, { oc: 8 })))).toEqual(grid);
  expect(lastGrid((g, x) => g.maxPool(rounded(g, x), { kernel: 2 }))).toEqual(grid);
  expect(
    lastGrid((g, x) => g.concat([rounded(g, x), rounded(g, g.conv(x, { oc: 8, kernel: 1 }))], 1)),
  ).toEqual(grid);
  expect(lastGrid((g, x) => g.clamp(rounded(g, g.maxPool(x, { kernel: 2 })), { lo: 0, hi: 1e9 }))).toEqual({
    ...grid,
    lo: 0,
  });
});

test("sums, means and bounds between two steps are not", () => {
  expect(lastGrid((g, x) => g.conv(rounded(g, x), { oc: 8 }))).toBeUndefined();
  expect(lastGrid((g, x) => g.avgPool(rounded(g, x), { kernel: 2 }))).toBeUndefined();
  expect(lastGrid((g, x) => g.add(rounded(g, x), x))).toBeUndefined();
  expect(lastGrid((g, x) => g.concat([rounded(g, x), x], 1))).toBeUndefined();
  expect(lastGrid((g, x) => g.clamp(rounded(g, x), { lo: 0, hi: 1.005 * SCALE }))).toBeUndefined();
  // a residual that is added behind the rounding
  expect(lastGrid((g, x) => g.add(rounded(g, g.conv(x, { oc: 8, pads: [1, 1, 1, 1] })), x))).toBeUndefined();
});

test("numbers of steps fit 8 bits with an offset, or do not; a border of zeros is among them", () => {
  const of = (least: number, most: number) => offsetOf({ alpha: SCALE, lo: least * SCALE, hi: most * SCALE });
  expect(of(-128, 127)).toBe(0);
  expect(of(-3, 4)).toBe(0);
  expect(of(0, 255)).toBe(128);
  expect(of(-255, 0)).toBe(-127);
  expect(of(-10, 245)).toBe(118);
  expect(of(100, 300)).toBeUndefined();
  expect(of(100, 200)).toBe(128);
  expect(of(-300, -200)).toBeUndefined();
  expect(offsetOf({ alpha: SCALE, ...NO_CLAMP })).toBeUndefined();
  expect(offsetOf({ alpha: SCALE, ...NO_CLAMP, lo: 0 })).toBeUndefined();
});
