import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activate } from "../../compiler/ops/activation/activate.kernel.ts";
import { type ActivationName, actOf } from "../../compiler/ops/activation/activations.ts";
import { activationError } from "../../compiler/verify/activation-errors.ts";
import { keptErrorProgram } from "../../compiler/verify/kept-error-program.ts";
import { ROUNDING } from "../../compiler/verify/rounding.ts";

const INFINITE = Number.POSITIVE_INFINITY;

/** Each with the alpha and beta of a usual layer. */
const FUNCTIONS: readonly (readonly [fn: ActivationName, alpha: number, beta: number])[] = [
  ["elu", 1, 0],
  ["selu", 1.67, 1.05],
  ["celu", 2, 0],
  ["sigmoid", 0, 0],
  ["silu", 1, 0],
  ["silu", 1.702, 0],
  ["hard-swish", 1 / 6, 0.5],
  ["softplus", 0, 0],
  ["mish", 0, 0],
  ["gelu", 0, 0],
  ["gelu-tanh", 0, 0],
  ["erf", 0, 0],
  ["softsign", 0, 0],
];

/** The bound that the program of a layer has for an activation of `v` that is off by `e`. */
function boundOf(
  [fn, ALPHA, BETA]: (typeof FUNCTIONS)[number],
  v: number,
  e: number,
  floats?: "f16",
): number {
  const dims = { N: 1, C: 1, H: 1, W: 1, LO: -INFINITE, HI: INFINITE, ACT: actOf(fn), ALPHA, BETA };
  const given = new Map([["x", { data: Float32Array.of(v), errors: Float32Array.of(e) }]]);
  return keptErrorProgram("activation", dims, ["x"], floats)(given).get("y")?.[0] ?? Number.NaN;
}

describe.each(FUNCTIONS)("%s (%f, %f) of what may be off by much", (...of) => {
  const [fn, alpha, beta] = of;

  it("moves no further than its bound, and that is no more than it moves, or the formula does", () => {
    const some = fc.double({ min: -30, max: 30, noNaN: true });
    const off = fc.double({ min: 0, max: 40, noNaN: true });
    fc.assert(
      fc.property(some, off, fc.double({ min: -1, max: 1, noNaN: true }), (v, e, part) => {
        const bound = activationError(INFINITE, v, e, [actOf(fn), alpha, beta, ROUNDING]);
        const apart = (at: number): number =>
          Math.abs(activate(at, actOf(fn), alpha, beta) - activate(v, actOf(fn), alpha, beta));
        expect(apart(v + part * e)).toBeLessThanOrEqual(bound);
        expect(bound).toBeLessThan(2.2 * e + 0.01);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("is bounded as a whole where it is in a layer", () => {
    for (const [v, e] of [
      [-4, 0.1],
      [-1, 5],
      [0.3, 2],
      [6, 20],
    ]) {
      expect(boundOf(of, v, e)).toBeLessThan(2.2 * e + 0.01);
      expect(boundOf(of, v, e, "f16")).toBeLessThan(2.6 * e + 0.1);
    }
  });
});
