import { expect, test } from "vitest";
import { indexOfGreatest } from "../../compiler/support/index-of-greatest.ts";

test("the first place of the greatest number is found, of as many as there are", () => {
  expect(indexOfGreatest(Float32Array.of(1, 3, 3, -1))).toBe(1);
  expect(indexOfGreatest(Float32Array.of(-2))).toBe(0);
  expect(indexOfGreatest(new Float32Array(400_000).fill(7, 399_999))).toBe(399_999);
});

test("there is none of nothing, and of what is no number", () => {
  expect(indexOfGreatest(new Float32Array())).toBe(-1);
  expect(indexOfGreatest(Float32Array.of(Number.NaN, 1))).toBe(-1);
  expect(indexOfGreatest(Float32Array.of(2, Number.NaN, 3))).toBe(-1);
});
