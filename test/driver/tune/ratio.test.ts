import { describe, expect, test } from "vitest";
import { isSurelyFaster, ratioOf } from "../../../compiler/driver/tune/ratio.ts";
import { makeRng, type Rng } from "../../../compiler/support/rng.ts";

test("modelled costs are exact", () => {
  expect(ratioOf({ kind: "modelled", cycles: 90 }, 100)).toEqual({ median: 0.9, low: 0.9, high: 0.9 });
});

test("an interval leaves out as many at either end as a median allows", () => {
  const of = (n: number): ReturnType<typeof ratioOf> => {
    const ns = Array.from({ length: n }, (_, i) => i + 1);
    return ratioOf({ kind: "measured", ns, reference: ns.map(() => 1) }, 0);
  };
  // binomial: P(at most 1 of 11 below) = 0.0059, none 0.0005
  expect(of(11)).toEqual({ median: 6, low: 1, high: 11 });
  // P(at most 10 of 41) = 0.0007, 11: 0.0022, 12: 0.006
  expect(of(41)).toEqual({ median: 21, low: 12, high: 30 });
});

/**
 * Turns on a machine as they are seen: noise of 1 % on each, drift of both by up to 10 %, and one turn in ten disturbed
 * on one side, up to twice as long.
 */
function turns(rng: Rng, count: number, slower: number): { ns: number[]; reference: number[] } {
  const ns: number[] = [];
  const reference: number[] = [];
  for (let i = 0; i < count; i++) {
    const drift = 1 + 0.1 * Math.sin(i / 9);
    const one = (factor: number): number =>
      1000 * factor * drift * (1 + 0.01 * rng.normal()) * (rng.int(10) === 0 ? 1 + rng.next() : 1);
    ns.push(one(slower));
    reference.push(one(1));
  }
  return { ns, reference };
}

describe("races under noise, drift and disturbance", () => {
  const won = (slower: number, seed: number): number => {
    const rng = makeRng(seed);
    const wins = Array.from({ length: 500 }, () =>
      ratioOf({ kind: "measured", ...turns(rng, 41, slower) }, 0),
    );
    return wins.filter(isSurelyFaster).length;
  };
  test("of 500 equal pairs at most 1 % has a winner", () => {
    expect(won(1, 1)).toBeLessThanOrEqual(5);
  });
  test("one that is 2 % faster is found in 95 %", () => {
    expect(won(0.98, 2)).toBeGreaterThanOrEqual(475);
  });
  test("one that is slower never wins", () => {
    expect(won(1.03, 3)).toBe(0);
  });
});
