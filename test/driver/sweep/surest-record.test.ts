import { expect, it } from "vitest";
import type { SweepRecord } from "../../../compiler/analyze/sweep-record.ts";
import { USUAL_EFFORT } from "../../../compiler/driver/run/repetition.ts";
import { isSettled, surer, surest } from "../../../compiler/driver/sweep/surest-record.ts";

type Judged = Pick<SweepRecord, "verdict" | "interval" | "cost">;
const record = (verdict: SweepRecord["verdict"], half: number): Judged => ({
  ...(verdict !== undefined && { verdict }),
  cost: 100,
  interval: { low: 100 - half, high: 100 + half },
});

it("times are settled that are steady within what is wanted, counts and asked-for runs always", () => {
  expect(isSettled(record("steady", 0.9), USUAL_EFFORT)).toBe(true);
  expect(isSettled(record("steady", 0.9), { ...USUAL_EFFORT, precision: 0.005 })).toBe(false);
  expect(isSettled(record("noisy", 0.1), USUAL_EFFORT)).toBe(false);
  expect(isSettled({ verdict: "throttled", cost: 1 }, USUAL_EFFORT)).toBe(false);
  expect(isSettled({ cost: 1 }, USUAL_EFFORT)).toBe(true);
  expect(isSettled(record("noisy", 3), 30)).toBe(true);
});

it("of two measurements the steady one is gone by, else the one known within less", () => {
  const [steady, wide, narrow] = [record("steady", 0.9), record("noisy", 3), record("noisy", 0.5)];
  expect(surer(wide, steady)).toBe(steady);
  expect(surer(steady, narrow)).toBe(steady);
  expect(surer(wide, narrow)).toBe(narrow);
  expect(surer(narrow, { verdict: "throttled", cost: 1 })).toBe(narrow);
  expect(surest([wide, narrow, steady])).toBe(steady);
  expect(surest([])).toBeUndefined();
});
