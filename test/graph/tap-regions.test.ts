import { expect, test } from "vitest";
import { type Convolution, constantWeights } from "../../compiler/graph/node-task/convolution.ts";
import { tapRegions } from "../../compiler/graph/node-task/tap-regions.ts";

/** A 3x3 convolution of one channel that keeps the size of a square map, its taps numbered. */
function dilated(size: number, dilation: number): Convolution {
  const map = { n: 1, c: 1, h: size, w: size };
  return {
    ...{ input: map, output: map, kernel: [3, 3], strides: [1, 1], dilations: [dilation, dilation] },
    ...{ pads: [dilation, dilation, dilation, dilation], groups: 1, bias: undefined, slopes: undefined },
    weights: () => Float32Array.from({ length: 9 }, (_, i) => i),
    ...{ residual: undefined, epilogue: { BIAS: 0, RES: 0, LO: -Infinity, HI: Infinity }, pooled: false },
  };
}

test("a dilation as wide as the map leaves the middle tap", () => {
  const regions = tapRegions(dilated(14, 24)) ?? [];
  expect(regions).toHaveLength(1);
  expect(regions[0].conv.kernel).toEqual([1, 1]);
  expect([...constantWeights(regions[0].conv)]).toEqual([4]);
  expect(regions[0].xPads.map(Math.abs)).toEqual([0, 0, 0, 0]);
});

test("a smaller one gives the middle, sides and corners calls of their own, which read no border", () => {
  const regions = tapRegions(dilated(14, 12)) ?? [];
  expect(regions.map(({ conv }) => conv.kernel.join("x"))).toEqual([
    "2x2",
    "2x1",
    "2x2",
    "1x2",
    "1x1",
    "1x2",
    "2x2",
    "2x1",
    "2x2",
  ]);
  expect(regions.map(({ conv }) => constantWeights(conv).join())).toEqual([
    "4,5,7,8",
    "4,7",
    "3,4,6,7",
    "4,5",
    "4",
    "3,4",
    "1,2,4,5",
    "1,4",
    "0,1,3,4",
  ]);
  expect(regions.reduce((sum, { conv: { output } }) => sum + output.h * output.w, 0)).toBe(14 * 14);
  expect(regions.flatMap(({ xPads, yPads }) => [...xPads, ...yPads]).every((pad) => pad <= 0)).toBe(true);
});

test("DeepLab's dilation of 12 around 28 pixels is nine calls, and no border of 24 pixels", () => {
  expect(tapRegions(dilated(28, 12))).toHaveLength(9);
});

test("one that seldom meets the border alone stays whole, as does a small map", () => {
  expect(tapRegions(dilated(14, 1))).toBeUndefined();
  expect(tapRegions(dilated(14, 4))).toBeUndefined();
  expect(tapRegions(dilated(6, 4))).toBeUndefined();
});
