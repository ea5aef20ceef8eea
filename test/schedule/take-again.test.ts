import { expect, test } from "vitest";
import type { Step } from "../../compiler/schedule/primitives/index.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { takeAgain } from "../../compiler/schedule/take-again.ts";
import { matmul } from "./kernels.ts";

const proc = matmul(8, 12, 4);
/** Splits both dimensions, in a strict schedule or not. */
const made = (options: object, rows: number, columns: number): Schedule =>
  Schedule.of(proc, options)
    .split("i", rows, ["io", "ii"])
    .split("j", columns, ["jo", "ji"], "cut")
    .unroll("ji") as Schedule;

test("steps in common are taken once, others anew, and all schedules are what they are alone", () => {
  const take = takeAgain();
  const first = made({ take }, 4, 4);
  expect(made({ take }, 4, 4).proc).toBe(first.proc);
  for (const [rows, columns] of [
    [4, 5],
    [2, 5],
    [4, 4],
    [4, 4],
  ])
    expect(made({ take }, rows, columns).proc).toEqual(made({}, rows, columns).proc);
  // no more than the last schedule is known
  expect(made({ take }, 4, 4).proc).not.toBe(first.proc);
  expect(made({ take }, 4, 4).trace).toEqual(first.trace);
});

test("a step under other rules is another step", () => {
  const take = takeAgain();
  const loose = { strict: false };
  const step: Step = { op: "reorder", order: ["k", "j"] };
  const start = Schedule.of(proc).stage("acc", "i").fission("j").proc;
  expect(take(start, step, loose).refused).toBeUndefined();
  expect(
    take(start, { op: "split", axis: "i", factor: 3, into: ["io", "ii"], tail: "exact" }, loose).refused
      ?.code,
  ).toBe("S104");
  const kept = take(start, step, loose);
  expect(take(start, step, { strict: false })).toBe(kept);
  expect(take(start, step, { strict: true })).not.toBe(kept);
  expect(take(start, { op: "reorder", order: ["j", "k"] }, { strict: true })).not.toBe(kept);
});
