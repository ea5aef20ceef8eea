import { describe, expect, it } from "vitest";
import { timeChange } from "../../compiler/results/compare/time-change.ts";
import { makeRng } from "../../compiler/support/rng.ts";

const wave = (count: number, around: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => around + 2 * Math.sin(i * step));

describe("times of two files", () => {
  it("have the p of SciPy's mannwhitneyu (method asymptotic)", () => {
    expect(timeChange(wave(30, 100, 7.1), wave(30, 103, 3.3)).p / 3.0810543518021204e-8).toBeCloseTo(1, 2);
    expect(timeChange([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]).p).toBeCloseTo(0.005074868097940253, 6);
    expect(timeChange([1, 2, 2, 3, 3, 3, 4], [2, 3, 3, 4, 4, 5, 5, 5]).p).toBeCloseTo(
      0.049238967838553395,
      6,
    );
  });

  it("are never sure of fewer than seven runs each, nor where nothing varies", () => {
    const few = timeChange([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]);
    expect([few.sure, timeChange([1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14]).sure]).toEqual([
      false,
      true,
    ]);
    expect(
      timeChange(
        Array.from({ length: 20 }, () => 100),
        [200],
      ),
    ).toMatchObject({ sure: false });
    expect(
      timeChange(
        [200, 201, 202, 203, 204, 205],
        Array.from({ length: 50 }, () => 100),
      ).sure,
    ).toBe(false);
    expect(timeChange([5, 5, 5], [5, 5, 5])).toEqual({ p: 1, sure: false, shift: { low: 1, high: 1 } });
    expect(timeChange([5], [9])).toEqual({ p: 1, sure: false });
    expect(timeChange([0, 0, 0], [0, 0, 0])).toEqual({ p: 1, sure: false });
  });

  it("have an interval of the k-th ratios from both ends", () => {
    const base = wave(12, 100, 7.1);
    const now = wave(10, 103, 3.3);
    const ratios = now.flatMap((n) => base.map((b) => n / b)).sort((a, b) => a - b);
    const k = Math.floor(60 - 2.807 * Math.sqrt((120 * 23) / 12));
    const { shift } = timeChange(base, now);
    expect(shift?.low).toBeCloseTo(ratios[k - 1], 9);
    expect(shift?.high).toBeCloseTo(ratios[120 - k], 9);
  });

  it("hold the true shift in all but one in a hundred of 1000 pairs", () => {
    const rng = makeRng(5);
    let missed = 0;
    for (let i = 0; i < 1000; i++) {
      const side = (factor: number) =>
        Array.from({ length: 20 }, () => factor * Math.exp(0.02 * rng.normal()));
      const { shift } = timeChange(side(1000), side(1030));
      if (shift === undefined || shift.low > 1.03 || shift.high < 1.03) missed++;
    }
    expect(missed).toBeLessThanOrEqual(10);
  });

  it("are found in a hundred thousand runs, too", () => {
    const base = Array.from({ length: 1e5 }, (_, i) => 100 + (i % 97));
    const { sure, shift } = timeChange(
      base,
      base.map((ns) => 1.01 * ns),
    );
    expect(sure).toBe(true);
    expect(shift?.low).toBeGreaterThan(1.003);
  });
});
