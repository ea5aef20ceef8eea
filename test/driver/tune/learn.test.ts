import { describe, expect, test } from "vitest";
import { noLessons } from "../../../compiler/driver/tune/lessons.ts";
import { proposals } from "../../../compiler/driver/tune/propose.ts";
import type { Strategy } from "../../../compiler/driver/tune/strategy-names.ts";
import { tableSpace } from "../../../compiler/driver/tune/table-space.ts";
import { tuneFromTable } from "../../../compiler/driver/tune/tune-from-table.ts";
import type { TuneReport } from "../../../compiler/driver/tune/tune-network.ts";
import type { TuneLine, TuneLog } from "../../../compiler/driver/tune/tune-record.ts";
import type { TableTask, TuneTable } from "../../../compiler/driver/tune/tune-table.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { smallTable, twoLayers } from "./tables.ts";

/** The table's points as if those of more loads cost more, which drafts say nothing of: there is something to learn. */
function misdrafted(table: TuneTable): TableTask {
  const [task] = table.tasks;
  const loads = table.features.indexOf("loads");
  const points = task.points.map((p) => ({ ...p, draft: 1000, cycles: 1000 + p.features[loads] }));
  return { ...task, points };
}
const task = misdrafted(smallTable());
const least = Math.min(...task.points.map(({ cycles = 0 }) => cycles));

async function triedBy(strategy: Strategy, batches: number, lessons = noLessons()): Promise<number[]> {
  const order = proposals(tableSpace(task, 10), strategy, makeRng(4), { lessons });
  const cycles = new Map(task.points.map(({ kernel, cycles: own = 0 }) => [kernel, own]));
  const tried: number[] = [];
  for (let i = 0; i < batches; i++) {
    const batch = await order.next(8);
    for (const candidate of batch) {
      const own = cycles.get(candidate.kernel.name) ?? 0;
      order.tell(candidate, own / (task.points[0].cycles ?? 1));
      tried.push(own);
    }
  }
  return tried;
}
const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;

describe("a learned search", () => {
  test("begins in the estimate's order, and learns from what that comes to", async () => {
    const [learned, estimate] = [await triedBy("learned", 2), await triedBy("estimate", 2)];
    expect(learned.slice(0, 8)).toEqual(estimate.slice(0, 8));
    const all = task.points.map(({ cycles = 0 }) => cycles);
    // the second batch, but for two at random, is of the cheap ones
    expect(mean(learned.slice(10))).toBeLessThan(0.9 * mean(all));
    expect(Math.min(...learned)).toBe(least);
  });

  test("takes what other tasks of the tune have taught", async () => {
    const lessons = noLessons();
    await triedBy("learned", 4, lessons);
    expect(lessons.all.length).toBeGreaterThan(16);
    const taught = await triedBy("learned", 1, lessons);
    expect(mean(taught)).toBeLessThan(mean(await triedBy("learned", 1)));
    expect(Math.min(...taught)).toBe(least);
  });
});

function memoryLog(lines: TuneLine[]): TuneLog {
  return { lines, append: async (line) => void lines.push(line), close: async () => {} };
}
const table = twoLayers();
const tune = (lines: TuneLine[], trials = Number.POSITIVE_INFINITY, of = table): Promise<TuneReport> =>
  tuneFromTable(of, {
    log: memoryLog(lines),
    budget: { trials, seconds: Number.POSITIVE_INFINITY },
    strategy: "learned",
    seed: 3,
    signal: new AbortController().signal,
  });

describe("a tune of several layers that learn from one another", () => {
  test("comes to the same end however often it is stopped, and tries nothing twice", async () => {
    const whole: TuneLine[] = [];
    const { tasks, trials } = await tune(whole);
    const lines: TuneLine[] = [];
    let last = await tune(lines, 7);
    let sum = last.trials;
    for (let parts = 0; !last.finished && parts < 60; parts++) {
      last = await tune(lines, 7);
      sum += last.trials;
    }
    const ends = (report: Pick<TuneReport, "tasks">): unknown =>
      report.tasks.map(({ layer, state }) => [layer, state.best.kernel.name, state.ratio, state.trials]);
    expect(last.finished).toBe(true);
    expect([ends(last), sum]).toEqual([ends({ tasks }), trials]);
  });

  test("goes on for three batches in vain, and ends where no kernel can be much better", async () => {
    const [{ layer, ...rest }] = table.tasks;
    const [first] = rest.points;
    const flat = (cycles: number): TuneTable => {
      const points = Array.from({ length: 100 }, (_, tile) => ({
        ...{ ...first, knobs: { tile }, kernel: `k${tile}`, cycles },
      }));
      return { ...table, tasks: [{ layer, ...rest, points }] };
    };
    const vain = await tune([], undefined, flat(1e9));
    expect(vain.tasks[0].state.trials).toBe(64);
    const { bound } = vain.tasks[0].state;
    expect(bound).toBeGreaterThan(0);
    const done = await tune([], undefined, flat(1.04 * bound));
    expect(done.tasks[0].state.trials).toBe(16);
  });
});
