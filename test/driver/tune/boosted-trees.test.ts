import { describe, expect, test } from "vitest";
import { boostedTrees, type Sample } from "../../../compiler/driver/tune/boosted-trees.ts";
import { makeRng } from "../../../compiler/support/rng.ts";

/** A step in the first feature, a slope in the second, nothing in the third. */
const wanted = ([a, b]: readonly number[]): number => (a > 0.5 ? 1 : 0) + b;

function samplesOf(count: number, weight = 1): Sample[] {
  const rng = makeRng(5);
  return Array.from({ length: count }, () => {
    const row = [rng.next(), rng.next(), rng.next()];
    return { row, value: wanted(row), weight };
  });
}

describe("boosted trees", () => {
  test("learn what rows come to", () => {
    const model = boostedTrees(samplesOf(200));
    const rng = makeRng(6);
    const off = Array.from({ length: 100 }, () => {
      const row = [rng.next(), rng.next(), rng.next()];
      return (model(row) - wanted(row)) ** 2;
    });
    // the spread of what is asked for is 0.58
    expect(Math.sqrt(off.reduce((a, b) => a + b, 0) / off.length)).toBeLessThan(0.1);
  });

  test("are the same for the same samples, whatever all of them weigh", () => {
    const [one, again, heavy] = [samplesOf(50), samplesOf(50), samplesOf(50, 4)].map(boostedTrees);
    for (const { row } of samplesOf(20)) {
      expect(again(row)).toBe(one(row));
      expect(heavy(row)).toBeCloseTo(one(row), 10);
    }
  });

  test("take what weighs more for more", () => {
    const row = [1, 1, 1];
    const model = boostedTrees([
      { row, value: 0, weight: 1 },
      { row, value: 4, weight: 3 },
    ]);
    expect(model(row)).toBeCloseTo(3, 10);
  });

  test("say of few what they have in common, and of none 0", () => {
    expect(boostedTrees([])([1, 2])).toBe(0);
    expect(boostedTrees([{ row: [1, 2], value: 7, weight: 1 }])([5, 5])).toBe(7);
  });
});
