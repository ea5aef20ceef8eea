import { describe, expect, it } from "vitest";
import { measureBlocks } from "../../../compiler/driver/run/measure-blocks.ts";
import { USUAL_EFFORT } from "../../../compiler/driver/run/repetition.ts";
import { medianOf } from "../../../compiler/results/median.ts";
import type { Block } from "../../../compiler/results/steadiness/block.ts";
import { judgeBlocks, LEAST_BLOCKS } from "../../../compiler/results/steadiness/judge-blocks.ts";
import { trend } from "../../../compiler/results/steadiness/trend.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { randomTrace, type Trace, tracedBoard } from "./trace.ts";

async function measured(trace: Trace, seed: number) {
  const board = tracedBoard(trace, makeRng(seed));
  const { certainty, blocks } = await measureBlocks(board.measure, USUAL_EFFORT, undefined, board.now);
  return { certainty, blocks, median: medianOf(blocks.flatMap(({ ns }) => ns)) };
}

const QUIET: Trace = {
  ...{ truth: 2e6, between: 0.002, within: 0.005, outliers: 0.02, wander: 0 },
  ...{ tellsLimit: true, episodes: [] },
};

describe("traces with throttling, a clock that wanders and outliers", () => {
  it("give the truth within 2 %, and nothing that was throttled counts", async () => {
    const worst = { error: 0, told: 0, heldBack: 0, notCounted: 0 };
    for (let seed = 0; seed < 100; seed++) {
      const trace = randomTrace(makeRng(seed));
      const { median, blocks, certainty } = await measured(trace, seed + 1000);
      worst.error = Math.max(worst.error, Math.abs(median / trace.truth - 1));
      worst.told = Math.max(worst.told, ...blocks.map((block) => block.told));
      worst.heldBack = Math.max(worst.heldBack, ...blocks.map(({ ns, heldBack }) => heldBack / ns.length));
      worst.notCounted += certainty.blocks - certainty.counted;
    }
    expect(worst.error).toBeLessThan(0.02);
    expect(worst.told).toBe(0);
    // What the firmware does not tell shows in the clock, of a block that has more than a few of them.
    expect(worst.heldBack).toBeLessThan(0.25);
    expect(worst.notCounted).toBeGreaterThan(200);
  });

  it("of a quiet board are steady, and each run lies in the other's interval 19 times in 20", async () => {
    let [pairs, both] = [0, 0];
    for (let seed = 0; seed < 400; seed += 2) {
      const trace = { ...QUIET, between: [0.001, 0.002, 0.004][seed % 3] };
      const [a, b] = [await measured(trace, seed), await measured(trace, seed + 1)];
      const holds = ({ certainty: { interval } }: typeof a, { median }: typeof a): boolean =>
        interval !== undefined && interval.low <= median && median <= interval.high;
      pairs++;
      both += Number(holds(a, b) && holds(b, a));
      expect([a.certainty.verdict, b.certainty.verdict]).toEqual(["steady", "steady"]);
    }
    expect(both / pairs).toBeGreaterThanOrEqual(0.95);
  });
});

/** A block that nothing disturbed, of 1 ms. */
const calm = (over: Partial<Block> = {}): Block => ({
  ...{ ns: [1e6, 1.001e6, 0.999e6], reference: [20_000, 20_000, 20_010], cycles: 32_768 },
  ...{ wallNs: 1e8, processNs: 1e8, machineNs: 1e8, threads: 1 },
  ...over,
});
const verdictOf = (blocks: readonly Block[]) => judgeBlocks(blocks, 0.01).certainty;
const many = (block: (i: number) => Partial<Block>, n = LEAST_BLOCKS): Block[] =>
  Array.from({ length: n }, (_, i) => calm(block(i)));

describe("a verdict", () => {
  it("is steady where nothing speaks against it, and tells the clock", () => {
    expect(verdictOf(many(() => ({})))).toEqual({
      ...{ verdict: "steady", reasons: [], counted: 11, blocks: 11, clockMHz: 1638.4, others: 0 },
      interval: { median: 1e6, low: 1e6, high: 1e6 },
    });
  });

  it("names who else was at work, and whether they took the core", () => {
    const shared = many(() => ({ processNs: 0.6e8, machineNs: 2e8 }));
    expect(verdictOf(shared)).toMatchObject({
      verdict: "noisy",
      reasons: ["other programs kept 1.4 cores busy", "the program had its core for 60 % of the time"],
    });
    const threads = many(() => ({ threads: 2, processNs: 1.2e8, machineNs: 1.3e8 }));
    expect(verdictOf(threads).verdict).toBe("steady");
  });

  it("is noisy where the interval is too wide, or blocks are too few", () => {
    expect(verdictOf(many((i) => ({ ns: [1e6 * (1 + 0.03 * (i % 3))] })))).toMatchObject({
      verdict: "noisy",
      reasons: ["it is known within 2.9 %, wanted 1.0 %"],
    });
    const few = verdictOf(many(() => ({}), 3));
    expect([few.verdict, few.reasons, few.interval]).toEqual(["noisy", ["3 of 11 blocks count"], undefined]);
  });

  it("is drifting where times move, or the clock stays below what it was", () => {
    expect(verdictOf(many((i) => ({ ns: [1e6 * (1 + 0.002 * i)] })))).toMatchObject({
      verdict: "drifting",
      reasons: ["times went up by 2.0 % meanwhile"],
    });
    const slower = many((i) => (i < 5 ? {} : { reference: [25_000, 25_000] }));
    expect(verdictOf(slower)).toMatchObject({ verdict: "drifting", counted: 5 });
  });

  it("is throttled where the firmware says so, now or since the block began, and too few are left", () => {
    const now = {
      throttling: [
        { now: 4, since: 4 },
        { now: 0, since: 4 },
      ] as const,
    };
    const meanwhile = {
      throttling: [
        { now: 0, since: 1 },
        { now: 0, since: 5 },
      ] as const,
    };
    const before = {
      throttling: [
        { now: 0, since: 5 },
        { now: 0, since: 5 },
      ] as const,
    };
    const of = (bad: Partial<Block>) => verdictOf(many((i) => (i < 2 ? bad : {})));
    expect(of(now)).toMatchObject({
      ...{ verdict: "throttled", counted: 9 },
      reasons: ["2 blocks not counted (throttled: too little power, or heat)", "9 of 11 blocks count"],
    });
    expect(of(meanwhile)).toMatchObject({ verdict: "throttled", counted: 9 });
    expect(of(before)).toMatchObject({ verdict: "steady", counted: 11 });
  });

  it("leaves out blocks whose clock is below what it may be, or changed within", () => {
    expect(verdictOf(many(() => ({ limitMHz: 1800 }))).counted).toBe(0);
    expect(verdictOf(many(() => ({ limitMHz: 1650 }))).counted).toBe(11);
    const half = many((i) => (i === 0 ? { reference: [20_000, 20_000, 20_000, 26_000, 26_000] } : {}), 12);
    expect(verdictOf(half)).toMatchObject({ verdict: "steady", counted: 11 });
  });
});

describe("measuring", () => {
  it("repeats what does not count, and gives up with the budget", async () => {
    let [time, told] = [0, ""];
    const measure = async (done: number): Promise<Block> => {
      time += 0.5;
      return calm(done < 3 ? { reference: [30_000] } : {});
    };
    const { blocks, certainty } = await measureBlocks(measure, USUAL_EFFORT, undefined, () => time);
    expect([blocks.length, certainty.blocks, certainty.verdict]).toEqual([11, 14, "steady"]);
    time = 0;
    const throttling = [
      { now: 4, since: 4 },
      { now: 4, since: 4 },
    ] as const;
    const hot = async (): Promise<Block> => {
      time += 0.5;
      return calm({ throttling });
    };
    const say = ({ counted, verdict }: { counted: number; verdict: string }): void => {
      told = `${counted} ${verdict}`;
    };
    const never = await measureBlocks(hot, USUAL_EFFORT, say, () => time);
    expect([never.certainty.blocks, never.blocks.length, told]).toEqual([41, 41, "0 throttled"]);
  });
});

it("a trend is found in few values, and in noise there is none", () => {
  const rng = makeRng(5);
  expect(trend([1, 2, 3])).toBeUndefined();
  expect(trend(Array.from({ length: 11 }, (_, i) => 100 + i))).toBeCloseTo(10 / 105, 6);
  const noise = (): number[] => Array.from({ length: 15 }, () => 100 + rng.normal());
  const found = Array.from({ length: 1000 }, noise).filter((values) => trend(values) !== undefined);
  expect(found.length).toBeLessThan(10);
});
