import { expect, test } from "vitest";
import { outputChange } from "../../../compiler/driver/quantize/output-change.ts";

const row = (...values: number[]): Float32Array => Float32Array.of(...values);

test("outputs are compared over all samples, and what is no number on one side counts as infinitely far", () => {
  expect(outputChange("y", [1, 3], [row(0, 4, 2), row(1, 0, 0)], [row(0, 4, 2.5), row(0, 1, 0)])).toEqual({
    ...{ output: "y", largest: 1, ofRange: 0.25, agree: 1 },
  });
  const { largest, agree } = outputChange(
    "y",
    [4],
    [row(0, Number.NaN, 1, 2)],
    [row(5, Number.NaN, 1.001, 2)],
  );
  expect([largest, agree]).toEqual([5, undefined]);
  const infinite = Number.NEGATIVE_INFINITY;
  expect(outputChange("y", [2], [row(infinite, 1)], [row(infinite, 1)]).largest).toBe(0);
  expect(outputChange("y", [2], [row(1, 1)], [row(Number.NaN, 1)]).largest).toBe(Number.POSITIVE_INFINITY);
});
