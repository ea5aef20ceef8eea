import { expect, it } from "vitest";
import { compareTensors, worstText } from "../../compiler/verify/compare.ts";

it("judges each element by its own bound, and names the one that is farthest off for it", () => {
  const wanted = Float32Array.of(-1, 0, 1, 3);
  const found = compareTensors(
    [2, 2],
    Float32Array.of(-1, 0.5, 1, 2),
    wanted,
    Float32Array.of(0.1, 1, 0.1, 0.25),
  );
  expect(found).toMatchObject({ count: 4, badCount: 1, undecided: 0, allZero: false, maxAbsError: 1 });
  expect(found.worst).toMatchObject({ at: [1, 1], actual: 2, wanted: 3 });
  expect(worstText(found.worst)).toBe("; the worst is [1, 1]: 2, expected 3, within 2.5e-1");
});

it("takes a NaN or an infinity on one side as infinitely far off, whatever the bound", () => {
  const bounds = Float32Array.of(1, 1, 1);
  const found = compareTensors([3], Float32Array.of(Number.NaN, 2, 3), Float32Array.of(1, 2, 3), bounds);
  expect(found).toMatchObject({ maxAbsError: Number.POSITIVE_INFINITY, badCount: 1, worst: { at: [0] } });
  const [plus, minus] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const infinite = compareTensors([2], Float32Array.of(plus, minus), Float32Array.of(minus, 1), bounds);
  expect(infinite.badCount).toBe(2);
});

it("takes equal infinities and NaN in both as equal, and a tensor of another size as wrong", () => {
  const odd = Float32Array.of(Number.POSITIVE_INFINITY, Number.NaN);
  expect(compareTensors([2], odd, odd, undefined)).toMatchObject({ badCount: 0, worst: undefined });
  expect(compareTensors([2], Float32Array.of(1), Float32Array.of(1, 2), undefined).worst?.at).toEqual([1]);
  expect(compareTensors([1], Float32Array.of(1, 2), Float32Array.of(1), undefined).badCount).toBe(1);
});

it("has no tolerance where there is no bound, and as much of it as is asked for", () => {
  const [actual, wanted] = [Float32Array.of(5.5), Float32Array.of(5)];
  expect(compareTensors([1], actual, wanted, undefined).badCount).toBe(1);
  expect(compareTensors([1], actual, wanted, Float32Array.of(1)).badCount).toBe(0);
  expect(compareTensors([1], actual, wanted, Float32Array.of(1), 0.1).badCount).toBe(1);
});

it("says nothing of a number whose bound is infinite or none, and meets NaN where that is wanted", () => {
  const none = Float32Array.of(Number.POSITIVE_INFINITY, Number.NaN, Number.NaN);
  const actual = Float32Array.of(5, Number.POSITIVE_INFINITY, 1);
  const found = compareTensors([3], actual, Float32Array.of(1, 7e4, Number.NaN), none);
  expect(found).toMatchObject({ undecided: 2, badCount: 1, worst: { at: [2] } });
});
