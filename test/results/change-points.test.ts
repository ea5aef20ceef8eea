import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exactChanges, noisyChanges } from "../../compiler/results/change-points.ts";
import { twoSided } from "../../compiler/results/student.ts";
import { makeRng } from "../../compiler/support/rng.ts";

/** Values around levels, each for so many runs, with normal noise of a part of them. */
function series(seed: number, noise: number, ...levels: readonly (readonly [number, number])[]): number[] {
  const rng = makeRng(seed);
  return levels.flatMap(([level, runs]) =>
    Array.from({ length: runs }, () => level * (1 + noise * rng.normal())),
  );
}
const places = (values: readonly number[]): number[] => noisyChanges(values).map(({ at }) => at);
const seeds = Array.from({ length: 200 }, (_, i) => i + 1);

describe("changes of noisy series", () => {
  it("are found where they were made, up and down, across windows", () => {
    for (const seed of seeds.slice(0, 40)) {
      const levels = [[100, 40] as const, [110, 30] as const, [100, 40] as const, [87, 70] as const];
      expect(places(series(seed, 0.015, ...levels)), `seed ${seed}`).toEqual([40, 70, 110]);
    }
  });

  it("are none in noise alone, one value off among it or not", () => {
    for (const seed of seeds) {
      const noise = series(seed, 0.02, [100, 100]);
      expect(places(noise), `seed ${seed}`).toEqual([]);
      // at the end it may be the beginning of a change
      noise[20 + (seed % 60)] = 150;
      expect(places(noise), `seed ${seed}, one value off`).toEqual([]);
    }
  });

  it("have means of what is beside them, and how sure they are", () => {
    const [change, ...more] = noisyChanges(series(5, 0.01, [200, 25], [180, 25]));
    expect(more).toEqual([]);
    expect(change.at).toBe(25);
    expect(change.before).toBeCloseTo(200, -0.5);
    expect(change.after).toBeCloseTo(180, -0.5);
    expect(change.p).toBeLessThan(1e-9);
  });

  it("are none where they are too small to matter, or too unsure", () => {
    const small = series(2, 0.0001, [100, 30], [100.5, 30]);
    expect(places(small)).toEqual([]);
    expect(noisyChanges(small, { minMagnitude: 0.001 }).map(({ at }) => at)).toEqual([30]);
    const [change] = noisyChanges(series(9, 0.02, [100, 20], [104, 20]));
    expect(change.p).toBeGreaterThan(1e-12);
    expect(noisyChanges(series(9, 0.02, [100, 20], [104, 20]), { maxP: 1e-13 })).toEqual([]);
  });

  it("are found in series without any noise, and none where there is nothing to compare", () => {
    expect(places(series(1, 0, [100, 10], [101, 10]))).toEqual([10]);
    expect(places(series(1, 0, [100, 30]))).toEqual([]);
    expect(places([])).toEqual([]);
    expect(places([1, 2])).toEqual([]);
  });
});

/** From the tests and documents of Apache Otava, which was Hunter, with the change points that it finds in them. */
const PUBLISHED: readonly (readonly [source: string, values: readonly number[], at: readonly number[]])[] = [
  [
    "docs/BASICS.md, metric1",
    [154023, 138455, 143112, 149190, 132098, 151344, 155145, 148889, 149466, 148209],
    [],
  ],
  ["docs/BASICS.md, metric2", [10.43, 10.23, 10.29, 10.91, 10.34, 10.69, 9.23, 9.11, 9.13, 9.03], [6]],
  ["series_test.py, series1", [1.02, 0.95, 0.99, 1, 1.12, 0.9, 0.5, 0.51, 0.48, 0.48, 0.55], [6]],
  ["series_test.py, series2", [2.02, 2.03, 2.01, 2.04, 1.82, 1.85, 1.79, 1.81, 1.8, 1.76, 1.78], [4]],
  [
    "analysis_test.py",
    [
      ...[1.02, 0.95, 0.99, 1, 1.12, 1, 1.01, 0.98, 1.01, 0.96],
      ...[0.5, 0.51, 0.48, 0.48, 0.55, 0.5, 0.49, 0.51, 0.5, 0.49],
    ],
    [10],
  ],
];

describe("Otava's published series", () => {
  it.each(PUBLISHED)("%s", (_, values, at) => {
    expect(places(values)).toEqual(at);
  });

  it("change by as much: -12.9 % of metric2", () => {
    const [{ before, after }] = noisyChanges(PUBLISHED[1][1]);
    expect((100 * (after / before - 1)).toFixed(1)).toBe("-12.9");
  });

  it("change nowhere else over 365 runs of TigerBeetle, and at both large steps", () => {
    const { values, changes } = JSON.parse(
      readFileSync(new URL("tigerbeetle.json", import.meta.url), "utf8"),
    );
    expect(noisyChanges(values, { minMagnitude: 0.05 }).map(({ at }) => at)).toEqual([15, 71]);
    // p of the best of many places is larger than that of one: what is left is what Otava is surest of
    const found = Object.entries<number[]>(changes).map(([p, theirs]) => {
      const ours = noisyChanges(values, { maxP: Number(p), minMagnitude: 0 }).map(({ at }) => at);
      expect(theirs, p).toEqual(expect.arrayContaining(ours));
      return `${ours.length} of ${theirs.length}`;
    });
    expect(found).toEqual(["10 of 14", "7 of 11", "4 of 5"]);
  });

  it("needs four runs on either side: three of 99 between others are none of its own", () => {
    const runs = [0.3, 2.4, 1.5, -0.9, -0.5, 99.7, 98.3, 99.1, 149, 149.7, 149.5, 149.1, 148.8, 150];
    // Otava's change_point_divisive_test.py has 5 and 8
    expect(places(runs)).toEqual([5]);
    expect(places([...runs.slice(0, 8), 98.9, ...runs.slice(8)])).toEqual([5, 9]);
  });
});

it("exact values change wherever they differ", () => {
  expect(exactChanges([5, 5, 6, 6, 4])).toEqual([
    { at: 2, before: 5, after: 6 },
    { at: 4, before: 6, after: 4 },
  ]);
  expect(exactChanges([5])).toEqual([]);
});

it("Student's t has the values of printed tables", () => {
  const rows = [
    [12.706, 1, 0.05],
    [4.303, 2, 0.05],
    [5.841, 3, 0.01],
    [2.228, 10, 0.05],
    [3.355, 8, 0.01],
    [3.646, 30, 0.001],
  ];
  for (const [t, freedom, p] of rows)
    expect(twoSided(t, freedom) / p, `${t}, ${freedom}`).toBeCloseTo(1, 1.7);
  expect(twoSided(0, 7)).toBe(1);
  expect(twoSided(-2.228, 10)).toBe(twoSided(2.228, 10));
});
