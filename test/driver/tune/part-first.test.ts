import { describe, expect, test } from "vitest";
import type { Candidate, Named } from "../../../compiler/driver/tune/candidate.ts";
import type { Outcome } from "../../../compiler/driver/tune/outcome.ts";
import { partFirst } from "../../../compiler/driver/tune/part-first.ts";
import type { Measure } from "../../../compiler/driver/tune/tune-task.ts";

/** Cycles by a part and whole; none whole: it is wrong, none by a part: it crashes. */
type Costs = Readonly<Record<string, readonly [byPart: number | undefined, whole?: number]>>;

const EFFORT = { warmup: 1, repeats: 5 };

function named(name: string): Candidate<Named> {
  return {
    point: { schedule: "direct", knobs: {} },
    kernel: { name },
    characters: 1,
    draft: 1,
    features: [],
  };
}

/** Looks at batches, the first candidate of the first being the reference; tells what was asked for, and what came of it. */
async function looked(costs: Costs, batches: readonly (readonly string[])[], most?: number) {
  const asked: string[] = [];
  const measure: Measure<Named> = async (_, candidates, stage, { part }) => ({
    measure: async (upTo = candidates.length) =>
      candidates.map(({ kernel: { name } }, i): Outcome | undefined => {
        if (i >= upTo) return undefined;
        asked.push(part === undefined ? `${name} ${stage}` : `${name} ${stage} ${part}`);
        const [byPart, whole] = costs[name];
        const cycles = part === undefined ? whole : byPart;
        if (cycles === undefined) return { outcome: part === undefined ? "wrong" : "crashed", why: "" };
        return { outcome: "ok", cost: { kind: "modelled", cycles } };
      }),
    drop: async () => {},
  });
  const look = partFirst(measure, 1 / 8);
  const all = batches.map((names) => names.map(named));
  const outcomes: unknown[] = [];
  for (const candidates of all) {
    const measurement = await look(all[0][0], candidates, "screen", EFFORT);
    outcomes.push(
      ...(await measurement.measure(most)).map((outcome) => {
        if (outcome?.outcome !== "ok") return outcome?.outcome;
        if (outcome.cost.kind !== "modelled") throw new Error("measured");
        const { byPart, cycles } = outcome.cost;
        return byPart ? `${cycles} by a part` : cycles;
      }),
    );
  }
  return { asked, outcomes };
}

describe("a part of the grid first", () => {
  test("runs whole only the default, and what may be best by that", async () => {
    const costs: Costs = { default: [100, 200], good: [80, 158], near: [82, 163], far: [90, 100] };
    const { asked, outcomes } = await looked(costs, [Object.keys(costs)]);
    expect(asked.slice(0, 4)).toEqual(Object.keys(costs).map((name) => `${name} part 0.125`));
    expect(asked.slice(4)).toEqual(["default screen", "good screen", "near screen"]);
    expect(outcomes).toEqual([200, 158, 163, "180 by a part"]);
  });

  test("goes on while what is left promises more than the best", async () => {
    const costs: Costs = { default: [100, 100], best: [80, 95], left: [90, 89], more: [92, 91] };
    const { asked, outcomes } = await looked(costs, [Object.keys(costs)]);
    expect(asked.slice(4)).toEqual(["default screen", "best screen", "left screen", "more screen"]);
    expect(outcomes).toEqual([100, 95, 89, 91]);
  });

  test("takes nothing that is wrong for the best, and nothing whole that crashes", async () => {
    const costs: Costs = { default: [100, 100], wrong: [50], crashed: [undefined, 1], good: [90, 90] };
    const { asked, outcomes } = await looked(costs, [Object.keys(costs)]);
    expect(asked.slice(4)).toEqual(["default screen", "wrong screen", "good screen"]);
    expect(outcomes).toEqual([100, "wrong", "crashed", 90]);
  });

  test("remembers the best of batches before, and the default's proportion", async () => {
    const costs: Costs = { default: [100, 50], best: [80, 40], worse: [90, 1], better: [79, 39] };
    const { asked, outcomes } = await looked(costs, [
      ["default", "best"],
      ["worse", "better"],
    ]);
    expect(asked.filter((text) => text.endsWith("screen"))).toEqual([
      "default screen",
      "best screen",
      "better screen",
    ]);
    expect(outcomes).toEqual([50, 40, "45 by a part", 39]);
  });

  test("says nothing of what a budget leaves out", async () => {
    const costs: Costs = { default: [100, 100], good: [80, 80], left: [10, 10] };
    const { asked, outcomes } = await looked(costs, [Object.keys(costs)], 2);
    expect(asked.length).toBe(4);
    expect(outcomes).toEqual([100, 80, undefined]);
  });
});
