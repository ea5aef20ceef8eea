import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseSizes } from "../../compiler/analyze/choose-sizes.ts";
import { equalMacs, paretoFront } from "../../compiler/analyze/compare-settings.ts";
import { countLayers } from "../../compiler/analyze/count-network.ts";
import { fitLinear } from "../../compiler/analyze/fit.ts";
import { fitCost } from "../../compiler/analyze/fit-cost.ts";
import { frameCosts } from "../../compiler/analyze/frame-costs.ts";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import { makeRng } from "../../compiler/support/rng.ts";

const ROWS = [{ G: 1 }, { G: 4 }, { G: 8 }, { G: 16 }, { G: 32 }, { g: 4 }, { g: 8 }, { g: 16 }].map(
  (setting) => {
    const layers = countLayers(findZooNetwork("mobilenet-v1").build({ ...setting, shapesOnly: true }));
    return { setting, ...frameCosts(layers) };
  },
);

describe("fits", () => {
  test("find the coefficients that made the points, and an interval around them", () => {
    const rng = makeRng(7);
    const x = Array.from({ length: 40 }, () => [1e6 * rng.next(), 1e3 * rng.next(), 1]);
    const y = x.map(([a = 0, b = 0]) => (3e-3 * a + 2 * b + 50) * (1 + 0.02 * rng.normal()));
    const fit = fitLinear(["a", "b", "one"], { x, y });
    for (const [i, wanted] of [3e-3, 2, 50].entries()) {
      const found = fit.coefficients[i];
      expect(Math.abs(found.value / wanted - 1)).toBeLessThan(0.15);
      expect(found.low).toBeLessThan(wanted);
      expect(found.high).toBeGreaterThan(wanted);
    }
    expect(fit.r2).toBeGreaterThan(0.99);
    expect(fit.leave_one_out).toBeLessThan(0.03);
    expect(fitLinear(["a", "b", "one"], { x, y })).toEqual(fit);
  });

  test("no coefficient is negative, also when points repeat or a term is always nothing", () => {
    const x = [
      [1, 0],
      [1, 0],
      [2, 0],
    ];
    const { coefficients } = fitLinear(["a", "nothing"], { x, y: [2, 2, 4] });
    expect(coefficients.map(({ value }) => value)).toEqual([expect.closeTo(2), 0]);
  });

  test("energy that is time and MACs: the fit with times finds it", () => {
    const times = ROWS.map(({ macs, imbalance }) => macs / 10 + imbalance);
    const rows = ROWS.map((row, i) => ({ ...row, cost: 2e-7 * row.macs + 3e-6 * (times[i] ?? 0) }));
    const models = fitCost(rows, times);
    expect(models?.fitted.terms).toEqual(["macs", "bytes", "time"]);
    expect(models?.fitted.leave_one_out).toBeLessThan(0.01);
  });

  test("a cost made by E2GC's formula gives its beta back", () => {
    const rows = ROWS.map((row) => {
      const reuse = row.macs / (row.params + row.activations);
      return { ...row, cost: 5 * row.macs * (0.3 / reuse) ** 0.4 };
    });
    const { beta, r2, leave_one_out } = fitCost(rows)?.balance ?? {
      beta: { value: 0 },
      r2: 0,
      leave_one_out: 1,
    };
    expect(beta.value).toBeCloseTo(0.4, 6);
    expect(r2).toBeCloseTo(1, 6);
    expect(leave_one_out).toBeLessThan(1e-6);
  });

  test("too few settings teach nothing", () => {
    expect(fitCost(ROWS.slice(0, 4).map((row) => ({ ...row, cost: 1 })))).toBeUndefined();
  });
});

describe("comparisons", () => {
  test("pairs have nearly the same MACs, and are judged by cost a MAC", () => {
    const pairs = equalMacs(
      ROWS.map((row) => ({ ...row, cost: row.setting.G === undefined ? row.macs : row.macs / 2 })),
    );
    expect(pairs.map(({ group_size, groups }) => [group_size.G, groups.g])).toEqual([
      [16, 16],
      [32, 8],
    ]);
    for (const { ratio, better } of pairs) {
      expect(ratio).toBeCloseTo(0.5);
      expect(better).toBe("group_size");
    }
  });

  test("the Pareto front keeps what nothing beats", () => {
    const rows = [
      { macs: 1, cost: 1 },
      { macs: 2, cost: 3 },
      { macs: 3, cost: 2 },
      { macs: 3, cost: 4 },
    ];
    expect(paretoFront(rows)).toEqual([rows[0], rows[2]]);
  });
});

test("sizes are chosen as well as trying everything would", () => {
  const option = fc.record({
    group_size: fc.constant(1),
    macs: fc.integer({ min: 1, max: 100 }),
    cost: fc.integer({ min: 1, max: 100 }),
  });
  const layers = fc.array(fc.array(option, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(layers, fc.integer({ min: 5, max: 300 }), (choices, least) => {
      const most = least * 1.3;
      const all = choices.reduce<readonly { macs: number; cost: number }[]>(
        (sums, options) =>
          sums.flatMap((s) => options.map((o) => ({ macs: s.macs + o.macs, cost: s.cost + o.cost }))),
        [{ macs: 0, cost: 0 }],
      );
      const fitting = all.filter(({ macs }) => macs >= least && macs <= most);
      const best = Math.min(...fitting.map(({ cost }) => cost));
      const found = chooseSizes(choices, least, most);
      if (found === undefined) expect(fitting).toEqual([]);
      else {
        // Sums of MACs are rounded to parts of a thousandth: a choice at the very edge may be missed.
        expect(found.macs).toBeGreaterThanOrEqual(least);
        expect(found.macs).toBeLessThanOrEqual(most);
        expect(found.cost).toBe(best);
      }
    }),
    { numRuns: 200, seed: 5 },
  );
});
