import fc from "fast-check";
import { expect, test } from "vitest";
import { axisNames } from "../../compiler/ir/axes.ts";
import { interpret } from "../../compiler/ir/interpret.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { validate } from "../../compiler/ir/validate.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import type { Step } from "../../compiler/schedule/primitives/index.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { takeStep } from "../../compiler/schedule/take-step.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { kernelOf, matmul } from "./kernels.ts";

/** Kernels in which some steps are legal and some are not. */
const KERNELS: readonly (() => LoopProc)[] = [
  () => matmul(6, 8, 5),
  () =>
    kernelOf(
      "for (const i of range(5)) { for (const j of range(4)) { y[i + 1][j] = y[i][j + 1] + x[i][j]; } }",
      { x: [5, 4], y: [6, 5] },
    ),
  () =>
    kernelOf(
      `for (const i of range(6)) { y[i] = x[i]; z[i] = y[i + 1]; }
       for (const j of range(4)) { for (const k of range(3)) { z[j] += x[j + k]; } }`,
      { x: [8], y: [8], z: [8] },
    ),
  () =>
    kernelOf(
      "for (const i of range(4)) { for (const j of range(6)) { y[j] = max(y[j], x[i][j]); z[i] += x[i][j]; } }",
      { x: [4, 6], y: [6], z: [4] },
    ),
];

function randomStep(rng: Rng, proc: LoopProc, fresh: number): Step {
  const axes = axisNames(proc.body);
  const axis = axes[rng.int(axes.length)];
  switch (rng.int(7)) {
    case 0:
    case 1: {
      const tail = (["exact", "cut", "guard"] as const)[rng.int(3)];
      return { op: "split", axis, factor: 1 + rng.int(4), into: [`a${fresh}`, `b${fresh}`], tail };
    }
    case 2: {
      const order = [...axes].sort(() => rng.next() - 0.5).slice(0, 2);
      return { op: "reorder", order: order.length < 2 ? [axis, axis] : order };
    }
    case 3:
      return { op: "fission", axis };
    case 4:
      return { op: "stage", buffer: "acc", at: axis, memory: "stack" };
    case 5:
      return { op: "unroll", axis };
    default:
      return { op: rng.int(2) === 0 ? "vectorize" : "parallel", axis };
  }
}

/** Whole numbers, so that every order of adding gives the same. */
function inputsFor(proc: LoopProc, rng: Rng): Record<string, Float32Array> {
  return Object.fromEntries(
    proc.params.map((p) => {
      const size = p.storage.shape.reduce((a, b) => a * b, 1);
      return [p.name, Float32Array.from({ length: size }, () => rng.int(9) - 4)];
    }),
  );
}

function run(proc: LoopProc, seed: number): Record<string, Float32Array> {
  const buffers = inputsFor(proc, makeRng(seed));
  interpret(proc, buffers);
  return buffers;
}

test("random legal steps keep the result, replay to the same text, and print what parses back", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1 << 30 }), fc.nat({ max: KERNELS.length - 1 }), (seed, which) => {
      const rng = makeRng(seed);
      const origin = KERNELS[which]();
      let schedule = Schedule.of(origin);
      for (let i = 0; i < 8; i++) {
        const step = randomStep(rng, schedule.proc, i);
        if (takeStep(schedule.proc, step).refused) continue;
        schedule = schedule.step(step);
        taken++;
      }
      validate(schedule.proc, "schedule");
      expect(run(schedule.proc, seed)).toEqual(run(origin, seed));
      const text = printProc(schedule.proc);
      expect(printProc(Schedule.replay(origin, JSON.parse(JSON.stringify(schedule.trace))).proc)).toBe(text);
      expect(printProc(parseKernelText(text, {}))).toBe(text);
    }),
    { numRuns: 1500, seed: 7 },
  );
  expect(taken).toBeGreaterThan(3000);
});
