import { describe, expect, test } from "vitest";
import type { BoardState } from "../../../compiler/device/board-state.ts";
import { reopeningRunner } from "../../../compiler/device/reopening.ts";
import type { Outcome } from "../../../compiler/driver/tune/outcome.ts";
import type { RunPlace, Watch } from "../../../compiler/driver/tune/race-kernels.ts";
import { overBoards } from "../../../compiler/driver/tune/spread-layers.ts";
import { lost, type MadeUp, madeUpBoard, madeUpRace } from "./boards.ts";

const EFFORT = { warmup: 0, repeats: 1 };
const signal = new AbortController().signal;

async function spread(runners: readonly MadeUp[], layers = 12, watch: Watch = { pauseMs: 1 }) {
  const told = new Map<number, readonly [string, Outcome][]>();
  const notes: string[] = [];
  const places = runners.map((runner): RunPlace => ({ runner, threads: 1, watch, signal }));
  const raceLayers = overBoards(places, (text) => notes.push(text));
  await raceLayers(madeUpRace(layers), { first: 0, last: layers - 1 }, EFFORT, (layer, outcome, board) =>
    told.set(layer, [...(told.get(layer) ?? []), [board, outcome]]),
  );
  const outcomes = [...told].sort(([a], [b]) => a - b).map(([, [first]]) => first[1].outcome);
  const once = [...told.values()].every((all) => all.length === 1);
  return { outcomes, once, notes, boards: new Set([...told.values()].map(([[board]]) => board)) };
}
const ok = (count: number): string[] => Array.from({ length: count }, () => "ok");

describe("work on several boards", () => {
  test("is spread over them, each layer once", async () => {
    const boards = ["a", "b", "c"].map((name) => madeUpBoard(name));
    const { outcomes, once, boards: at } = await spread(boards);
    expect([outcomes, once]).toEqual([ok(12), true]);
    expect([...at].sort()).toEqual(["a", "b", "c"]);
  });

  test("of a board that is lost goes to the others, and it is told", async () => {
    for (let dies = 0; dies < 6; dies++) {
      let isDead = false;
      const dying = madeUpBoard("dying", async (layer) => {
        isDead ||= layer >= dies;
        if (isDead) throw lost("dying");
      });
      const { outcomes, once, notes } = await spread([dying, madeUpBoard("other")]);
      expect([outcomes, once]).toEqual([ok(12), true]);
      expect(notes).toEqual([
        "warning: `dying` is lost, its work goes to the others: the connection to dying was lost",
      ]);
    }
  });

  test("leaves alone who costs a second board", async () => {
    const killed = new Set<string>();
    const fragile = (name: string): MadeUp =>
      madeUpBoard(name, async (layer) => {
        if (layer === 5) killed.add(name);
        if (killed.has(name)) throw lost(name);
      });
    const { outcomes, once } = await spread(["a", "b", "c"].map(fragile));
    expect([outcomes, once]).toEqual([ok(12).with(5, "lost"), true]);
    await expect(spread([fragile("alone")])).rejects.toThrow("the connection to alone was lost");
  });

  test("goes on where a board comes back, and who was running is told lost", async () => {
    const notes: string[] = [];
    let isThere = true;
    const open = async (): Promise<MadeUp> => {
      isThere = true;
      return board;
    };
    const board = madeUpBoard("rebooted", async (layer) => {
      if (layer === 3) isThere = false;
      if (!isThere) throw lost("rebooted");
    });
    const options = { seconds: 5, notice: (text: string) => notes.push(text), everyMs: 1 };
    const { outcomes } = await spread([{ ...board, ...reopeningRunner(board, open, options) }], 6);
    expect(outcomes).toEqual(["ok", "ok", "ok", "lost", "ok", "ok"]);
    expect(notes).toEqual(["`rebooted` is lost; waiting up to 5 s for it", "`rebooted` is back"]);
  });
});

describe("a board that is throttled", () => {
  const COOL: BoardState = { coreStates: [], zones: [], throttling: { now: 0, since: 0 } };
  const HOT: BoardState = { ...COOL, throttling: { now: 4, since: 4 } };
  const AFTER: BoardState = { ...COOL, throttling: { now: 0, since: 4 } };

  /** Says one state after another, then the last for ever. */
  const saying = (states: BoardState[]) => async (): Promise<BoardState> =>
    states.length > 1 ? (states.shift() ?? COOL) : (states[0] ?? COOL);

  test("has its times taken again until they count", async () => {
    const waits: string[] = [];
    const board = madeUpBoard("hot", undefined, saying([COOL, HOT, AFTER]));
    const { outcomes, once } = await spread([board], 6, {
      pauseMs: 1,
      onThrottled: (name, why) => waits.push(`${name}: ${why}`),
    });
    expect([outcomes, once]).toEqual([ok(6), true]);
    // the first four twice
    expect(board.asked).toEqual([
      [0, 3],
      [0, 3],
      [4, 5],
    ]);
    expect(waits).toEqual(["hot: its firmware says that the clock was held back: too little power, or heat"]);
  });

  test("all the time has no times that count", async () => {
    const { outcomes } = await spread([madeUpBoard("hot", undefined, saying([COOL, HOT]))], 2);
    expect(outcomes).toEqual(["throttled", "throttled"]);
  });

  test("tells of what fails only as it is run again", async () => {
    const board = madeUpBoard("hot", undefined, saying([COOL, HOT, AFTER]));
    const run: MadeUp["run"] = (job) => {
      const isAgain = board.asked.length > 0;
      const spoilt = (line: string): string =>
        isAgain && line.includes('"index":1,') ? line.replace('"ok"', '"timeout"') : line;
      return board.run({ ...job, onLine: (line) => job.onLine?.(spoilt(line)) });
    };
    const { outcomes, once } = await spread([{ ...board, run }], 3);
    expect([outcomes, once]).toEqual([["ok", "timeout", "ok"], true]);
  });

  test("by a lower clock is throttled, too", async () => {
    const at = (limitMHz: number): BoardState => ({ coreStates: [{ core: 0, limitMHz }], zones: [] });
    const board = madeUpBoard("slow", undefined, saying([at(1500), at(1000), at(1500)]));
    expect((await spread([board], 2)).outcomes).toEqual(ok(2));
    expect(board.asked.length).toBe(2);
    // it is remembered what the board could reach when it was cool
    const slowed = madeUpBoard("slowed", undefined, saying([...Array(4).fill(at(1500)), at(600)]));
    const { outcomes } = await spread([slowed], 12);
    expect(outcomes).toEqual([...ok(8), ...Array(4).fill("throttled")]);
  });
});
