import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { axisNames } from "../../compiler/ir/axes.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { validate } from "../../compiler/ir/validate.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { joinNests } from "../../compiler/schedule/join-nests.ts";
import { lostThreads } from "../../compiler/schedule/lost-threads.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { kernelOf, matmul } from "./kernels.ts";
import { randomKernel } from "./random-kernel.ts";
import { difference, lowered, run, runVector } from "./sequences.ts";

const target = loadTarget("qemu-rpi4");

/** The joined procedure gives the same result with its iterations at once, and lowers to the same. */
function expectSame(origin: LoopProc, proc: LoopProc): void {
  validate(proc, "join-nests");
  const wanted = run(origin, 1);
  expect(difference(wanted, run(proc, 1, "at-once")), printProc(proc)).toBeUndefined();
  const vector = lowered(proc, target);
  if (vector !== undefined)
    expect(difference(wanted, runVector(vector, proc, 1)), printProc(proc)).toBeUndefined();
}

describe("statements side by side at the top", () => {
  test("are shared out together: a main loop and its tail", () => {
    const origin = kernelOf("for (const i of range(14)) { y[i] = x[i] * 2; }", { x: [14], y: [14] });
    const { proc } = Schedule.of(origin).split("i", 4, ["io", "ii"], "cut").parallel("io");
    const joined = joinNests(proc);
    expect(printProc(joined)).toContain(`  for (const nest of parallel(4)) {
    if (nest < 3) {
      for (const ii of range(4)) {
        y[ii + nest * 4] = x[ii + nest * 4] * 2;
      }
    }
    if (nest >= 3) {
      for (const ii of range(2)) {
        y[ii + 12] = x[ii + 12] * 2;
      }
    }
  }`);
    expectSame(origin, joined);
    expect(lostThreads(joined, false)).toEqual([]);
  });

  test("may be several loops deep, in lanes, and inside loops of one iteration", () => {
    const origin = matmul(11, 21, 5);
    const { proc } = Schedule.of(origin)
      .split("i", 4, ["io", "ii"], "cut")
      .split("j", 8, ["jo", "ji"], "cut")
      .fission("io", "ii")
      .reorder("io", "jo", "ii", "ji")
      .parallel("io", "jo");
    const around: LoopProc = {
      ...proc,
      body: [{ kind: "for", axis: "n", extent: 1, mode: "serial", body: proc.body }],
    };
    const joined = joinNests(around);
    expect(lowered(joined, target)?.grid.map((g) => g.extent)).toEqual([1, 2 * 2 + 2 + 2 + 1]);
    expectSame(origin, joined);
  });

  test("stay as they are where one needs another, and that is said", () => {
    const clears = kernelOf(
      `for (const i of range(8)) { y[i] = 0; }
       for (const j of range(8)) { for (const k of range(4)) { y[j] += x[j][k]; } }`,
      { x: [8, 4], y: [8] },
    );
    const { proc } = Schedule.of(clears).parallel("i").parallel("j");
    expect(joinNests(proc)).toBe(proc);
    const why = "it is one of 2 statements, and two of them touch y[0]: they cannot run at the same time";
    expect(lostThreads(proc, false)).toEqual([
      { axis: "i", why },
      { axis: "j", why },
    ]);
    expect(lostThreads(proc, true)).toEqual([]);
  });

  test("keep results when they are joined, for random kernels", () => {
    let together = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1 << 30 }), (seed) => {
        const origin = randomKernel(makeRng(seed));
        const marked = axisNames(origin.body).reduce(inParts, Schedule.of(origin));
        const joined = joinNests(marked.proc);
        if (joined !== marked.proc) together++;
        expectSame(origin, joined);
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 80), seed: 4 },
    );
    expect(together).toBeGreaterThan(4);
  });
});

/** The schedule with a loop in parts of three and a tail, the parts parallel, as far as that is legal. */
function inParts(s: Schedule, axis: string): Schedule {
  return trying(
    trying(s, () => s.split(axis, 3, [`${axis}o`, `${axis}i`], "cut")),
    (split) => split.parallel(`${axis}o`),
  );
}

function trying(s: Schedule, step: (s: Schedule) => Schedule): Schedule {
  try {
    return step(s);
  } catch (error) {
    if (error instanceof UserError) return s;
    throw error;
  }
}

describe("parallel loops that no threads share", () => {
  test("lie inside a serial loop, under a condition or below a local buffer", () => {
    const lost = (body: string, axis: string) => {
      const { proc } = Schedule.of(kernelOf(body, { x: [8, 8], y: [8, 8] })).parallel(axis);
      return lostThreads(joinNests(proc), false);
    };
    const inner = "for (const i of range(8)) { for (const j of range(8)) { y[i][j] = x[i][j]; } }";
    expect(lost(inner, "i")).toEqual([]);
    expect(lost(inner, "j")).toEqual([{ axis: "j", why: "it lies inside `i`, which is not parallel" }]);
    expect(
      lost(
        "for (const i of range(8)) { if (i < 4) { for (const j of range(8)) { y[i][j] = x[i][j]; } } }",
        "j",
      ),
    ).toEqual([{ axis: "j", why: "it lies inside `i`, which is not parallel" }]);
    expect(
      lost(
        `const t = stack([8]);
         for (const i of range(8)) { t[i] = x[i][0]; }
         for (const j of range(8)) { y[0][j] = t[j]; }`,
        "j",
      ),
    ).toEqual([{ axis: "j", why: "the local buffer `t` is declared outside of it" }]);
  });
});
