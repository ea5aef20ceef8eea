import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { afterAll, describe, expect, it } from "vitest";
import { turnsText } from "../../../compiler/cli/compare-text.ts";
import type { Runner } from "../../../compiler/device/runner.ts";
import { TURN_EFFORT } from "../../../compiler/driver/run/repetition.ts";
import { calibrateBundle } from "../../../compiler/driver/turns/calibrate-bundle.ts";
import { compareBundles, type TurnReport } from "../../../compiler/driver/turns/compare-bundles.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import type { GateRules } from "../../../compiler/results/gate/gate-rules.schema.ts";
import { makeRng, type Rng } from "../../../compiler/support/rng.ts";
import { messageOf } from "../../device/message-of.ts";
import { noisyRunner } from "./noisy-runner.ts";

const root = mkdtempSync(join(tmpdir(), "tilewright-turns-"));
afterAll(() => rmSync(root, { recursive: true }));
const target = loadTarget("host");

/** A folder as `compile -o` leaves it, of two layers, without what these tests do not read. */
function bundle(name: string, changed: object = {}, built = true): string {
  const folder = join(root, name);
  mkdirSync(join(folder, "build"), { recursive: true });
  const metadata = {
    ...{ version: 1, tilewright: "0.1.0", name: "net", program: "net", target: "host", isa: "x" },
    ...{ modelSha256: "m", arenaBytes: 0, weightBytes: 0, inputs: [], outputs: [], cflags: [], sources: [] },
    layers: [layer("one"), layer("two")],
    ...changed,
  };
  writeFileSync(join(folder, "metadata.json"), JSON.stringify(metadata));
  if (built) writeFileSync(join(folder, "build", "net"), "");
  return folder;
}
const layer = (name: string, kernel = `k_${name}`) => ({
  ...{ name, op: "conv2d", kernel, schedule: "direct", choice: "" },
  ...{ macs: 1, grid: 1, scratchBytes: 0 },
});
const base = bundle("base");
/** Its first layer has another kernel. */
const now = bundle("now", { layers: [layer("one", "k_other"), layer("two")] });

const options = { rounds: 15, warmup: 0, repeats: 5, threads: 1, timeoutSeconds: 1 };
/** Layers of 1 ms and 40 us; in `now` the first takes `slower` times as long. */
const board = (rng: Rng, slower: number) =>
  noisyRunner({
    rng,
    layers: (program) => [program.startsWith(now) ? 1e6 * slower : 1e6, 40_000],
  });
const compared = (rng: Rng, slower: number, rules?: GateRules): Promise<TurnReport> =>
  compareBundles([base, now], board(rng, slower), target, { ...options, ...(rules && { rules }) });

describe("two bundles that take turns", () => {
  it("are compared whole and layer by layer, and confirmed where one seems slower", async () => {
    const report = await compared(makeRng(1), 1.3);
    expect(report).toMatchObject({ network: "net", board: "host", rounds: 15, onlyBase: [], onlyNow: [] });
    expect(report.changes.map(({ layer, sameKernel }) => [layer, sameKernel])).toEqual([
      [undefined, undefined],
      ["one", false],
      ["two", true],
    ]);
    expect(report.confirmation).toHaveLength(3);
    expect(report.slower.map(({ layer }) => layer)).toEqual([undefined, "one"]);
    expect(report.slower[0].text).toMatch(
      /^time 1\.\d+ ms -> 1\.\d+ ms, \+\d+\.\d+ % \(\+.* % to \+.* %; allowed 5 % and 20\.000 us\)$/,
    );
  });

  it("are judged whole where their kernels are the same", async () => {
    const copy = bundle("copy");
    const runner = noisyRunner({
      rng: makeRng(5),
      layers: (program) => [program.startsWith(copy) ? 1.3e6 : 1e6, 40_000],
    });
    const report = await compareBundles([base, copy], runner, target, options);
    expect(report.changes[1].ratio.low).toBeGreaterThan(1.2);
    expect(report.slower.map(({ layer }) => layer)).toEqual([undefined]);
  });

  it("are not confirmed where nothing seems slower, faster ones included", async () => {
    expect(await compared(makeRng(2), 1)).not.toHaveProperty("confirmation");
    const faster = await compared(makeRng(3), 0.8);
    expect(faster.slower).toEqual([]);
    expect(faster.changes[0].ratio.high).toBeLessThan(1);
  });

  it("know layers that one has alone", async () => {
    const other = bundle("other", { layers: [] });
    const runner = noisyRunner({
      rng: makeRng(4),
      layers: (program) => (program.startsWith(other) ? [] : [1000, 1000]),
    });
    const report = await compareBundles([base, other], runner, target, options);
    expect(report).toMatchObject({ onlyBase: ["one", "two"], onlyNow: [] });
  });
});

describe("the ratio of the whole", () => {
  const sure = { ...options, rounds: 6, precision: 0.01, budgetSeconds: 100 };

  it("is measured until it is sure", async () => {
    const report = await compareBundles([base, now], board(makeRng(7), 1), target, sure);
    expect(report.certainty).toMatchObject({ verdict: "steady", counted: 2 * report.rounds });
    expect(report.rounds).toBeGreaterThanOrEqual(6);
    const { low, high } = report.changes[0].ratio;
    expect((high - low) / 2).toBeLessThanOrEqual(0.01);
  });

  it("is measured no longer than learned rules need to be applied, however wide its interval is", async () => {
    const rules = await calibrateBundle(base, board(makeRng(10), 1), target, { ...options, series: 6 });
    const wanted = { ...sure, precision: 1e-6, rules };
    const equal = await compareBundles([base, now], board(makeRng(11), 1), target, wanted);
    expect(equal).toMatchObject({ decided: true, slower: [], unlearned: 0, certainty: { verdict: "noisy" } });
    const slower = await compareBundles([base, now], board(makeRng(12), 1.2), target, wanted);
    expect(slower).toMatchObject({ decided: true, slower: [{}, { layer: "one" }] });
    expect(await turnsText(slower, pc.createColors(false))).toContain(
      "\nno more was measured than the rules ask: each interval is within its rule, or beyond it\n",
    );
    // a rule that lies where the ratio does is never decided
    const here = { ...rules, rules: rules.rules.map((rule) => ({ ...rule, percent: 10, nanoseconds: 1 })) };
    let at = 0;
    const budget = { ...wanted, rules: here, budgetSeconds: 9, clock: () => at++ };
    const undecided = await compareBundles([base, now], board(makeRng(13), 1.1), target, budget);
    expect(undecided).toMatchObject({ decided: false, rounds: 15 });
  });

  it("is as sure beside other programs, which are told", async () => {
    const quiet = board(makeRng(7), 1);
    const busy: Runner = {
      ...quiet,
      run: async (job) => {
        const result = await quiet.run(job);
        return { ...result, stdout: result.stdout.replaceAll('"processNs":1000000', '"processNs":500000') };
      },
    };
    const alone = await compareBundles([base, now], quiet, target, sure);
    let at = 0;
    const report = await compareBundles([base, now], busy, target, { ...sure, clock: () => at++ });
    expect(report.certainty).toMatchObject({
      verdict: "noisy",
      reasons: ["the program had its core for 50 % of the time"],
    });
    const { low, high } = report.changes[0].ratio;
    expect((high - low) / 2).toBeLessThanOrEqual(0.01);
    expect(report.rounds).toBeLessThan(3 * alone.rounds);
  });

  it("is said to be noisy when the budget has ended", async () => {
    let at = 0;
    const clock = (): number => at++;
    const wanted = { ...sure, precision: 1e-6, budgetSeconds: 3, clock };
    const report = await compareBundles([base, now], board(makeRng(8), 1), target, wanted);
    expect(report.rounds).toBe(9);
    expect(report.certainty).toMatchObject({ verdict: "noisy" });
    expect(await turnsText(report, pc.createColors(false))).toMatch(
      /^noisy: the ratios are worth less\n {2}it is known within \d\.\d %, wanted 0\.0 %$/m,
    );
  });

  it("leaves out neighbours of which one was throttled, and measures others", async () => {
    const quiet = board(makeRng(9), 1);
    let runs = 0;
    const throttled = (): boolean => runs % 12 === 5;
    const runner: Runner = {
      ...quiet,
      // twice as slow then
      run: async (job) => {
        runs++;
        const result = await quiet.run(job);
        const slower = (ns: string): string => ns.replace(/\d{4,}/g, (n) => String(2 * Number(n)));
        return throttled()
          ? { ...result, stdout: result.stdout.replace(/"ns":\[[^\]]*\]/g, slower) }
          : result;
      },
      readState: async () => ({
        ...{ coreStates: [], zones: [] },
        throttling: { now: throttled() ? 4 : 0, since: throttled() ? 4 : 0 },
      }),
    };
    const { certainty, rounds, changes } = await compareBundles([base, now], runner, target, sure);
    expect(certainty.verdict).toBe("steady");
    expect(certainty.counted).toBeLessThan(2 * rounds);
    expect(certainty.reasons[0]).toMatch(
      /^\d+ blocks? not counted \(throttled: too little power, or heat\)$/,
    );
    expect(changes[0].ratio.median).toBeCloseTo(1, 1);
  });
});

describe("a slower clock", () => {
  /** Looks at it, of the first and the second program of each pair. */
  const clocks = (of: (run: number) => readonly [base: number, now: number]): Runner => {
    const quiet = board(makeRng(14), 1);
    let runs = 0;
    return {
      ...quiet,
      run: async (job) => {
        const result = await quiet.run(job);
        const both = of(runs++);
        let looks = 0;
        const stdout = result.stdout.replace(/"reference":\[\d+\]/g, () => {
          return `"reference":[${both[looks++ % 2]}]`;
        });
        return { ...result, stdout };
      },
    };
  };

  it("of both programs is none of their ratio's concern", async () => {
    const runner = clocks((run) => (run % 2 === 0 ? [32768, 32000] : [65536, 66000]));
    const { certainty, rounds } = await compareBundles([base, now], runner, target, options);
    expect(certainty).toMatchObject({ counted: 2 * rounds, reasons: [] });
  });

  it("of one of them spoils the ratio", async () => {
    const runner = clocks((run) => (run === 3 ? [32768, 40000] : [32768, 32768]));
    const { certainty, rounds } = await compareBundles([base, now], runner, target, options);
    expect(certainty).toMatchObject({
      counted: 2 * rounds - 2,
      reasons: ["2 blocks not counted (measured at a slower clock)"],
    });
  });
});

describe("under noise, drift and disturbance, after calibration", () => {
  // as the commands do
  const usual = { ...options, rounds: 6, ...TURN_EFFORT };
  const alarms = async (seed: number, count: number, slower: number): Promise<number> => {
    const rng = makeRng(seed);
    const calibrated = () => calibrateBundle(base, board(rng, 1), target, { ...usual, series: 6 });
    let [found, rules] = [0, await calibrated()];
    for (let i = 0; i < count; i++) {
      if (i % 5 === 4) rules = await calibrated();
      const report = await compareBundles([base, now], board(rng, slower), target, { ...usual, rules });
      if (report.slower.length > 0) found++;
    }
    console.log(`turns: ${found} of ${count} with an alarm, at ${slower} times the time`);
    return found;
  };
  it("of 100 equal pairs at most one has an alarm", async () => {
    expect(await alarms(5, 100, 1)).toBeLessThanOrEqual(1);
  });
  it("slow-downs of 5 % are found in 95 %", async () => {
    expect(await alarms(6, 60, 1.05)).toBeGreaterThanOrEqual(57);
  });
});

describe("what cannot be compared", () => {
  const message = (folder: string, timing: "measured" | "emulated" = "measured") => {
    const runner = noisyRunner({ rng: makeRng(1), layers: () => [1, 1], timing });
    return messageOf(compareBundles([base, folder], runner, target, options));
  };
  const refused = (folder: string, why: string, help: string): string =>
    [`error[R169]: \`${folder}\` cannot be compared`, `  why:   ${why}`, `  help:  ${help}`].join("\n");

  it("R169: bundles of another model, target or instruction set, or not built", async () => {
    const unbuilt = bundle("unbuilt", {}, false);
    expect(await message(unbuilt)).toBe(
      refused(unbuilt, "it holds no built program (build/net)", "build it with its Makefile"),
    );
    const elsewhere = bundle("elsewhere", { target: "other" });
    expect(await message(elsewhere)).toBe(
      refused(
        elsewhere,
        "it was compiled for other, and `host` is host",
        "give another --board, or --target other where that is what it is",
      ),
    );
    const both = "compile both from one model for one target";
    const model = bundle("model", { modelSha256: "n" });
    expect(await message(model)).toBe(
      refused(model, `its model is another file than that of \`${base}\``, both),
    );
    const isa = bundle("isa", { isa: "y" });
    expect(await message(isa)).toBe(refused(isa, `its instruction set is y, that of \`${base}\` x`, both));
  });

  it("R198: a program that knows no turns", async () => {
    const quiet = board(makeRng(1), 1);
    const older: Runner = {
      ...quiet,
      run: async () => ({
        ...{ stdout: "", exitCode: 2, files: new Map() },
        stderr: "error: which command? one of info, run, bench, race\nusage: PROGRAM info\n",
      }),
    };
    expect(await messageOf(compareBundles([base, now], older, target, options))).toBe(
      [
        "error[R198]: one of both programs cannot take turns on `host`",
        "  why:   error: which command? one of info, run, bench, race",
        "  help:  an older Tilewright compiled it: compile both models anew with this one",
      ].join("\n"),
    );
  });

  it("C351: on an emulated board", async () => {
    expect(await message(now, "emulated")).toBe(
      [
        "error[C351]: times on `host` say nothing about a board",
        "  why:   it is emulated",
        "  help:  compare modelled cycles: `tilewright compare BASE NOW` of two files that `tilewright test --results` wrote",
        "  help:  or give a board, or host",
      ].join("\n"),
    );
  });
});
