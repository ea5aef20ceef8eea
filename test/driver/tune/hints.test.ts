import { describe, expect, test } from "vitest";
import { pointText } from "../../../compiler/driver/tune/candidate.ts";
import { hopeless } from "../../../compiler/driver/tune/draft.ts";
import { type Hint, hintsOf, nearestPoints } from "../../../compiler/driver/tune/hints.ts";
import { noLessons } from "../../../compiler/driver/tune/lessons.ts";
import { proposals } from "../../../compiler/driver/tune/propose.ts";
import { nearPoint } from "../../../compiler/driver/tune/space.ts";
import { STRATEGY_NAMES } from "../../../compiler/driver/tune/strategy-names.ts";
import { tableSpace } from "../../../compiler/driver/tune/table-space.ts";
import { tuneFromTable } from "../../../compiler/driver/tune/tune-from-table.ts";
import type { TuneReport } from "../../../compiler/driver/tune/tune-network.ts";
import type { TuneLine, TuneLog, Winner } from "../../../compiler/driver/tune/tune-record.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { convTask, PLACE, smallPlan } from "./layers.ts";
import { smallTable } from "./tables.ts";

const table = smallTable();
const [task] = table.tasks;
const costOf = ({ cycles = Number.POSITIVE_INFINITY }): number => cycles;
const limit = hopeless(loadTarget(PLACE.target)) * Math.min(...task.points.map(({ draft }) => draft));
/** Points that are worth a trial, by cost, without the default. */
const ranked = task.points
  .slice(1)
  .filter(({ draft }) => draft <= limit)
  .toSorted((a, b) => costOf(a) - costOf(b));
const [best] = ranked;
/** None that would be tried early without a hint. */
const worst = ranked[ranked.length - 1];

/** What another board has found, which says that it costs next to nothing. */
const record = (point: typeof best, place: Partial<Winner["place"]>, more: Partial<Winner> = {}): Winner => ({
  ...{ kind: "winner", version: 1, place: { ...PLACE, ...place }, cost: 1, trials: 16, build: "b" },
  ...{ workload: task.workload, op: task.op, dims: task.dims },
  ...{ schedule: point.schedule, knobs: point.knobs, kernel: point.kernel, reference: task.points[0].kernel },
  ratio: { median: 0.01, low: 0.01, high: 0.01 },
  ...more,
});

function memoryLog(lines: readonly TuneLine[] = []): TuneLog {
  const all = [...lines];
  return { lines: all, append: async (line) => void all.push(line), close: async () => {} };
}

function tuned(
  log: TuneLog,
  hints: readonly TuneLine[],
  trials = Number.POSITIVE_INFINITY,
): Promise<TuneReport> {
  return tuneFromTable(table, {
    ...{ log, hints, strategy: "learned", seed: 1, signal: new AbortController().signal },
    budget: { trials, seconds: Number.POSITIVE_INFINITY },
  });
}
const triedIn = ({ lines }: TuneLog): readonly string[] =>
  lines.flatMap((line) => (line.kind === "trial" ? [line.kernel] : []));

describe("hints", () => {
  test("are of the nearest sizes first, of one operator, the later of equals first", () => {
    const hint = (dims: Hint["dims"], tile: string, op = "conv2d"): Hint => ({
      ...{ op, dims, point: { schedule: "direct", knobs: { tile } } },
    });
    const all = [
      hint({ OC: 64, HI: "Infinity" }, "four times as wide"),
      hint({ OC: 32, HI: "Infinity" }, "twice"),
      hint({ OC: 16, HI: 6 }, "with a bound, early"),
      hint({ OC: 16, HI: 6 }, "with a bound"),
      hint({ OC: 16, HI: "Infinity" }, "equal"),
      hint({ OC: 16, HI: "Infinity" }, "another operator", "matmul"),
      hint({ OC: 16 }, "other sizes"),
    ];
    const near = nearestPoints({ op: "conv2d", dims: { OC: 16, HI: "Infinity" } }, all);
    expect(near.map(({ knobs }) => knobs.tile)).toEqual([
      ...["equal", "with a bound", "with a bound, early", "twice", "four times as wide"],
    ]);
    // what was no better than the default says nothing new
    expect(hintsOf([record(best, {}), record(best, {}, { kernel: task.points[0].kernel })]).length).toBe(1);
  });

  test.each(STRATEGY_NAMES)("are tried early by %s where it knows the estimate", async (name) => {
    const hints = hintsOf([record(worst, { board: "pi@a", kind: "measured" })]);
    const order = proposals(tableSpace(task, 1e9), name, makeRng(7), { task, hints });
    const texts = (await order.next(4)).map(({ point }) => pointText(point));
    expect(texts[0]).toBe(pointText(task.points[0]));
    if (name === "learned" || name === "estimate") expect(texts[1]).toBe(pointText(worst));
    else expect(texts).not.toContain(pointText(worst));
  });

  test("are of other tasks of the same tune, too", async () => {
    const lessons = noLessons();
    const first = proposals(tableSpace(task, 1e9), "learned", makeRng(1), { task: { ...task }, lessons });
    for (const candidate of await first.next(task.points.length))
      first.tell(candidate, candidate.kernel.name === worst.kernel ? 0.5 : 1);
    await first.next(1);
    const other = proposals(tableSpace(task, 1e9), "learned", makeRng(2), { task: { ...task }, lessons });
    const [, second] = await other.next(4);
    expect(second.kernel.name).toBe(worst.kernel);
  });

  test("keep what a task has of their settings, and name schedules that it has", () => {
    const planned = smallPlan();
    const conv = convTask(planned, 1);
    const near = nearPoint(conv, planned.target, {
      schedule: "direct",
      knobs: { tile: "9x9", order: "pixels" },
    });
    expect(near).toMatchObject({ schedule: "direct", knobs: { order: "pixels" } });
    expect(near?.knobs.tile).not.toBe("9x9");
    expect(nearPoint(conv, planned.target, { schedule: "no-such", knobs: {} })).toBeUndefined();
  });
});

describe("another board's records", () => {
  const elsewhere = { board: "pi@a", kind: "measured" as const };
  const foreign = [record(worst, elsewhere), record(best, { ...elsewhere, core: "cortex-a53" })];

  test.each([
    ["in the log", foreign, []],
    ["given", [], foreign],
  ])("%s are tried at once, and count for what is found here", async (_, inLog, hints) => {
    const log = memoryLog(inLog);
    const { tasks } = await tuned(log, hints);
    expect(triedIn(log).slice(1, 3)).toEqual([best.kernel, worst.kernel]);
    const [{ state }] = tasks;
    expect(state.ratio.median).toBe(Math.min(1, costOf(best) / costOf(task.points[0])));
    const trial = log.lines.find((line) => line.kind === "trial" && line.kernel === worst.kernel);
    expect(trial).toMatchObject({ place: PLACE, cycles: worst.cycles });
    // not even where nothing was measured here: the default stays
    const few = await tuned(memoryLog(inLog), hints, 1);
    expect(few.tasks[0].state.best.kernel.name).toBe(task.points[0].kernel);
  });

  test("change nothing about going on: the log's own winners are no hints", async () => {
    const [whole, parts] = [memoryLog(foreign), memoryLog(foreign)];
    await tuned(whole, []);
    for (let finished = false; !finished; ) ({ finished } = await tuned(parts, [], 7));
    expect(triedIn(parts)).toEqual(triedIn(whole));
  });
});
