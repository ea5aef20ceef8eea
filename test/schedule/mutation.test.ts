import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { type Primitive, RELAXED } from "../../compiler/schedule/primitive.ts";
import { primitives, type Step } from "../../compiler/schedule/primitives/index.ts";
import { type Taken, takeStep } from "../../compiler/schedule/take-step.ts";
import { randomSequence, wrongWith } from "./sequences.ts";

/*
 * Would the property tests notice a legality test that is not there? For each of these primitives one is left
 * out, and some sequence of steps must come out wrong.
 */
const LEFT_OUT: readonly (readonly [op: Step["op"], code: string])[] = [
  ["split", "S104"],
  ["reorder", "S201"],
  ["fission", "S202"],
  ["vectorize", "S203"],
  ["parallel", "S204"],
  ["stage", "S114"],
  ["computeAt", "S116"],
  ["computeAt", "S118"],
  ["inline", "S116"],
  ["peel", "S122"],
];

/** takeStep without one test of one primitive. */
function without(op: Step["op"], code: string) {
  return (proc: LoopProc, step: Step): Taken => {
    if (step.op !== op) return takeStep(proc, step);
    const primitive = primitives[op] as Primitive<Step>;
    const refused = primitive.check(proc, step, RELAXED);
    if (refused !== undefined && refused.code !== code) return { refused };
    return { proc: primitive.apply(proc, step, RELAXED) };
  };
}

const seeds = fc.integer({ min: 0, max: 1 << 30 });
const sequences = fc.tuple(seeds, fc.array(seeds, { minLength: 6, maxLength: 12 }));

describe("a legality test left out is noticed", () => {
  test.each(LEFT_OUT)("%s without %s", (op, code) => {
    const details = fc.check(
      fc.property(
        sequences,
        ([kernel, steps]) => wrongWith(randomSequence(kernel, steps, without(op, code))) === undefined,
      ),
      { numRuns: 20_000, seed: 3, endOnFailure: true },
    );
    expect(details.failed, `${details.numRuns} sequences, all right`).toBe(true);
  });
});
