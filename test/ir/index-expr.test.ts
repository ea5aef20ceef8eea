import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  axesOf,
  axis,
  coefficient,
  combine,
  constant,
  divMod,
  type Index,
  indexKey,
  type Range,
  type Ranges,
  rangeOf,
  subtract,
} from "../../compiler/ir/index-expr.ts";
import { evaluate } from "../../compiler/ir/interpret-index.ts";
import { substitute } from "../../compiler/ir/substitute.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { randomIndex } from "./random.ts";

const RANGES: Ranges = new Map<string, Range>([
  ["i", { min: 0, max: 6 }],
  ["j", { min: -3, max: 2 }],
  ["k", { min: 0, max: 0 }],
]);

/** A place within the bounds. */
function place(rng: Rng, ranges: Ranges = RANGES): Map<string, number> {
  return new Map([...ranges].map(([name, r]) => [name, r.min + rng.int(r.max - r.min + 1)]));
}

function forAll(check: (rng: Rng) => void): void {
  fc.assert(
    fc.property(fc.integer(), (seed) => check(makeRng(seed))),
    { numRuns: 2000, seed: 5 },
  );
}

describe("addresses", () => {
  test("combine adds up", () => {
    forAll((rng) => {
      const a = randomIndex(rng, RANGES);
      const b = randomIndex(rng, RANGES);
      const at = place(rng);
      const sum = combine(
        [
          [a, 3],
          [b, -2],
        ],
        7,
      );
      expect(evaluate(sum, at)).toBe(3 * evaluate(a, at) - 2 * evaluate(b, at) + 7);
      expect(subtract(sum, sum)).toEqual(constant(0));
    });
  });

  test("rangeOf bounds every value", () => {
    forAll((rng) => {
      const index = randomIndex(rng, RANGES);
      const { min, max } = rangeOf(index, RANGES);
      const value = evaluate(index, place(rng));
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
    });
  });

  test("divMod is floor division and its remainder, and finds nothing more the second time", () => {
    forAll((rng) => {
      const index = randomIndex(rng, RANGES);
      const by = 1 + rng.int(6);
      const { div, mod } = divMod(index, by, RANGES);
      const at = place(rng);
      const value = evaluate(index, at);
      expect(evaluate(div, at)).toBe(Math.floor(value / by));
      expect(evaluate(mod, at)).toBe(value - Math.floor(value / by) * by);
      expect(indexKey(divMod(mod, by, RANGES).mod)).toBe(indexKey(mod));
    });
  });

  test("numbers put for axes leave what a sum of the others is", () => {
    const index = combine(
      [
        [axis("i", 3), 1],
        [axis("j", -2), 1],
        [axis("k", 5), 1],
      ],
      7,
    );
    const by = new Map([
      ["i", constant(4)],
      ["k", constant(0)],
    ]);
    expect(substitute(index, by, RANGES)).toEqual(combine([[axis("j", -2), 1]], 19));
    // two axes that become one are still one term
    const one = new Map([["i", axis("j")]]);
    const sum = [
      [axis("j"), 1],
      [axis("k", 5), 1],
    ] as const;
    expect(substitute(index, one, RANGES)).toEqual(combine(sum, 7));
  });

  test("substitute means evaluating with the replaced values", () => {
    forAll((rng) => {
      const inner: Ranges = new Map([
        ["a", { min: 0, max: 2 }],
        ["b", { min: 0, max: 3 }],
        ["j", { min: -3, max: 2 }],
      ]);
      const byAxis = new Map<string, Index>([
        [
          "i",
          combine([
            [axis("a"), 2],
            [axis("b"), 1],
          ]),
        ],
        ["k", constant(0)],
      ]);
      const index = randomIndex(rng, RANGES);
      const at = place(rng, inner);
      const i = 2 * (at.get("a") ?? 0) + (at.get("b") ?? 0);
      const outer = new Map([
        ["i", i],
        ["j", at.get("j") ?? 0],
        ["k", 0],
      ]);
      const replaced = substitute(index, byAxis, inner);
      expect(evaluate(replaced, at)).toBe(evaluate(index, outer));
      expect(axesOf(replaced).has("i")).toBe(false);
    });
  });

  test("an axis' coefficient is the step it makes", () => {
    forAll((rng) => {
      const index = randomIndex(rng, RANGES);
      const step = coefficient(index, "i");
      if (step === undefined) return;
      const at = place(rng);
      const next = new Map(at).set("i", (at.get("i") ?? 0) + 1);
      expect(evaluate(index, next) - evaluate(index, at)).toBe(step);
    });
  });
});
