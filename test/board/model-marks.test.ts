import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cyclesBetween } from "../../compiler/device/model-cycles.ts";
import { modelNetwork } from "../../compiler/driver/run/model-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { coreOf, folder, program, run, times } from "./assembly-loops.ts";
import { buildModel } from "./built-model.ts";

/** Figures at the marks inside a run. */
afterAll(() => rmSync(folder, { recursive: true }));
const a72 = coreOf("qemu-rpi4");
const MARK = "hint #0x70";

test("a program without marks has none", async () => {
  expect((await run(a72, program(["nop"], 10))).marks).toEqual([]);
});

test("as many marks as were passed, in their order, the figures of the run last", async () => {
  const { marks, ...whole } = await run(a72, program([MARK, "ldr x4, [x2], #64"], 300));
  expect(marks.length).toBe(300);
  const all = [...marks, whole];
  for (const [i, mark] of all.slice(1).entries()) {
    const { cycles, instructions, l1Misses, l2Misses } = cyclesBetween(all[i], mark);
    expect(cycles).toBeGreaterThanOrEqual(0);
    expect(instructions).toBeGreaterThanOrEqual(0);
    expect([0, 1]).toContain(l1Misses);
    expect([0, 1]).toContain(l2Misses);
  }
});

test("between two marks is what ran from the block of code of the one to that of the other", async () => {
  const sums = times(24, (i) => `fmla v${i}.4s, v30.4s, v31.s[${i % 4}]`);
  const { marks } = await run(a72, program([MARK, "b 2f", "2:", ...sums, "b 3f", "3:", MARK], 50));
  const inside = cyclesBetween(marks[80], marks[81]);
  expect(inside.instructions).toBe(2 + 24 + 1);
  expect(inside.cycles).toBeGreaterThanOrEqual(24);
  expect(inside.cycles).toBeLessThan(24 + 10);
});

test("an inference is its steps, and what lies between them", async () => {
  const target = loadTarget("qemu-rpi4");
  const built = await buildModel("test/fixtures/digits/digits.onnx", target, join(folder, "digits"));
  const steps = built.compiled.plan.steps.length;
  const modelled = await modelNetwork({ program: built.program, steps, target, timeoutSeconds: 60 });
  expect(modelled.steps.length).toBe(steps);
  const sum = modelled.steps.reduce((total, { cycles }) => total + cycles, 0);
  expect(sum).toBeLessThanOrEqual(modelled.whole.cycles);
  expect(sum).toBeGreaterThan(0.97 * modelled.whole.cycles);
  const macs = built.compiled.plan.steps.map((step) => step.macs ?? 0);
  const busiest = (values: readonly number[]): number => values.indexOf(Math.max(...values));
  expect(macs[busiest(modelled.steps.map(({ cycles }) => cycles))]).toBeGreaterThan(0.1 * Math.max(...macs));
  for (const [i, { cycles }] of modelled.steps.entries()) {
    expect(cycles).toBeGreaterThan(0);
    // No more than one product of four lanes a cycle; Winograd needs fewer.
    expect(macs[i] / cycles).toBeLessThan(4 * 4);
  }
});
