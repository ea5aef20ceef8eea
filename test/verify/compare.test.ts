import { expect, it } from "vitest";
import { compareTensors } from "../../compiler/verify/compare.ts";

it("measures errors against the range of the wanted values", () => {
  const wanted = Float32Array.of(-1, 0, 1, 3);
  const found = compareTensors([2, 2], Float32Array.of(-1, 0.5, 1, 2), wanted, 0.2);
  expect(found).toEqual({
    maxAbsError: 1,
    relative: 0.25,
    range: 4,
    firstBad: { at: [1, 1], actual: 2, wanted: 3 },
    badCount: 1,
    count: 4,
  });
});

it("counts what is no number as infinitely far off", () => {
  const found = compareTensors([3], Float32Array.of(Number.NaN, 2, 3), Float32Array.of(1, 2, 3), 1);
  expect(found).toMatchObject({ maxAbsError: Number.POSITIVE_INFINITY, badCount: 1 });
  expect(found.firstBad?.at).toEqual([0]);
});

it("takes equal infinities as equal, and a tensor of another size as wrong", () => {
  const infinite = Float32Array.of(Number.POSITIVE_INFINITY);
  expect(compareTensors([1], infinite, infinite, 0).maxAbsError).toBe(0);
  expect(compareTensors([2], Float32Array.of(1), Float32Array.of(1, 2), 1).firstBad?.at).toEqual([1]);
});

it("measures a constant tensor against its magnitude", () => {
  expect(compareTensors([2], Float32Array.of(5, 5.5), Float32Array.of(5, 5), 0.2)).toMatchObject({
    range: 5,
    relative: 0.1,
    badCount: 0,
  });
});
