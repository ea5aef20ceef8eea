import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compareResults } from "../../compiler/results/compare/compare-results.ts";
import { calibrate } from "../../compiler/results/gate/calibrate.ts";
import { gateFailure } from "../../compiler/results/gate/gate-failure.ts";
import { DEFAULT_THRESHOLDS, type GateSettings, judge } from "../../compiler/results/gate/judge.ts";
import { differenceOf, learnRule } from "../../compiler/results/gate/learn-rule.ts";
import { readGateRules } from "../../compiler/results/gate/read-gate-rules.ts";
import type { CaseResult } from "../../compiler/results/results.schema.ts";
import { renderDiagnostic } from "../../compiler/support/diagnostic.ts";
import { messageOf } from "../device/message-of.ts";
import { caseOf, layerOf, resultsOf } from "./results-of.ts";

const judged = (base: CaseResult, now: CaseResult, settings: Partial<GateSettings> = {}) =>
  judge(compareResults(resultsOf([base]), resultsOf([now])), {
    thresholds: DEFAULT_THRESHOLDS,
    ...settings,
  });
const texts = (...given: Parameters<typeof judged>): string[] =>
  judged(...given).alarms.map(({ layer, text }) => `${layer ?? "whole"}: ${text}`);

describe("exact figures", () => {
  const of = (instructions: number, cycles: number) =>
    caseOf("a", { instructions, cycles }, [layerOf("l", { instructions, cycles })]);

  it("may grow by their threshold and no more", () => {
    expect(texts(of(1000, 1000), of(1001, 1005))).toEqual([]);
    expect(texts(of(1000, 1000), of(1002, 1006))).toEqual([
      "whole: instructions 1,000 -> 1,002, +0.20 % (allowed 0.1 %)",
      "whole: modelled cycles 1,000 -> 1,006, +0.60 % (allowed 0.5 %)",
      "l: instructions 1,000 -> 1,002, +0.20 % (allowed 0.1 %)",
      "l: modelled cycles 1,000 -> 1,006, +0.60 % (allowed 0.5 %)",
    ]);
    expect(texts(of(0, 0), of(1, 0))).toEqual([
      "whole: instructions 0 -> 1 (allowed 0.1 %)",
      "l: instructions 0 -> 1 (allowed 0.1 %)",
    ]);
  });

  it("that become less never fail", () => {
    expect(texts(of(1000, 1000), of(1, 1))).toEqual([]);
  });

  it("of other kinds are judged where a threshold is given", () => {
    const bytes = (codeBytes: number) => caseOf("a", { codeBytes });
    expect(judged(bytes(100), bytes(200))).toEqual({ alarms: [], figures: 0, verdicts: 1, unlearned: 0 });
    expect(texts(bytes(100), bytes(102), { thresholds: { codeBytes: 0.01 } })).toEqual([
      "whole: code 100 -> 102, +2.00 % (allowed 1 %)",
    ]);
  });
});

describe("what is not there", () => {
  const alarms = (base: readonly CaseResult[], now: readonly CaseResult[]): string[] =>
    judge(compareResults(resultsOf(base), resultsOf(now)), { thresholds: DEFAULT_THRESHOLDS }).alarms.map(
      (alarm) => `${alarm.case}: ${alarm.text}`,
    );
  const one = caseOf("a", { cycles: 1000, codeBytes: 10 });

  it("is no pass: a case, a figure", () => {
    expect(alarms([one, caseOf("b", {})], [one])).toEqual(["b: is not tested any more"]);
    expect(alarms([one], [caseOf("a", { codeBytes: 10 })])).toEqual([
      "a: modelled cycles of BASE, not of NOW",
    ]);
    // what no gate holds may be left out
    expect(alarms([one], [caseOf("a", { cycles: 1000 })])).toEqual([]);
  });

  it("cannot be compared with another model's", () => {
    const other = { ...one, modelSha256: "2" };
    expect(alarms([{ ...one, modelSha256: "1" }], [other])).toEqual([
      "a: cannot be compared: its modelSha256 was 1, is 2",
    ]);
  });

  it("was new, and wrong", () => {
    const wrong = { ...caseOf("b", {}), verdict: "wrong" as const };
    expect(alarms([one], [one, caseOf("c", {}), wrong])).toEqual(["b: is new, and wrong"]);
  });
});

describe("times", () => {
  const of = (ns: number, timing: CaseResult["timing"] = "measured") => ({
    ...caseOf("a", { ns: Array.from({ length: 20 }, (_, i) => ns + i) }),
    timing,
  });

  it("are slower by more than 5 % and more than 20 us, where nothing is learned", () => {
    expect(texts(of(1e6), of(1.04e6))).toEqual([]);
    expect(texts(of(1e5), of(1.15e5))).toEqual([]);
    expect(texts(of(1e6), of(1.06e6))).toEqual([
      "whole: time 1.000 ms -> 1.060 ms, +6.00 % (allowed 5 %) and 60.000 us (allowed 20.000 us)",
    ]);
  });

  it("of an emulator are never judged", () => {
    expect(judged(of(1e6, "emulated"), of(9e6, "emulated"))).toEqual({
      alarms: [],
      figures: 0,
      verdicts: 1,
      unlearned: 0,
    });
  });

  it("of a layer are judged where its kernel is another one", () => {
    const ns = (from: number): number[] => Array.from({ length: 20 }, (_, i) => from + i);
    const one = (from: number, kernel: string): CaseResult => ({
      ...of(2e6),
      layers: [layerOf("one", { ns: ns(from) }, kernel)],
    });
    expect(texts(one(1e6, "k"), one(1.2e6, "k"))).toEqual([]);
    expect(texts(one(1e6, "k"), one(1.2e6, "other"))).toHaveLength(1);
  });

  it("are held against the rule of their case and place alone", () => {
    const rule = {
      ...{ how: "files" as const, case: "a", board: "qemu-rpi4", target: "rpi4", threads: 1 },
      ...{ percent: 1, nanoseconds: 100 },
    };
    const rules = (changed: object) => ({
      ...{ format: "tilewright-gate-rules" as const, version: 1 as const, margin: 2 },
      rules: [{ ...rule, ...changed }],
    });
    expect(texts(of(1e6), of(1.02e6), { rules: rules({}) })).toHaveLength(1);
    for (const other of [{ how: "turns" }, { case: "b" }, { board: "pi" }, { threads: 2 }, { op: "conv2d" }])
      expect(judged(of(1e6), of(1.02e6), { rules: rules(other) })).toMatchObject({
        alarms: [],
        unlearned: 1,
      });
  });
});

describe("a gate that fails", () => {
  const right = caseOf("a", { cycles: 100 });
  const failure = (now: CaseResult): string => {
    const error = gateFailure(judged(right, now), ({ kind }) => `look at ${kind}`);
    return error === undefined ? "" : `${renderDiagnostic(error.diagnostic)}\nexit ${error.exitCode}`;
  };

  it("R164: tells what went wrong before what is slower", () => {
    const error = { code: "R101", exit: "runFailed" as const, text: "it ended\nwith 3" };
    expect(failure({ ...right, whole: { cycles: 200 }, verdict: "error", error })).toBe(
      [
        "error[R164]: a case of NOW went wrong",
        "  why:   a: was right, is error: R101 it ended",
        "  help:  look at verdict",
        "exit 10",
      ].join("\n"),
    );
  });

  it("R165: has an exit code of its own for what is slower", () => {
    expect(failure({ ...right, whole: { cycles: 200 } })).toBe(
      [
        "error[R165]: NOW is worse than BASE: a figure grew by more than is allowed",
        "  why:   a: modelled cycles 100 -> 200, +100.00 % (allowed 0.5 %)",
        "  help:  look at cycles",
        "exit 13",
      ].join("\n"),
    );
    expect(failure(right)).toBe("");
  });

  it("holds where a case was wrong before, and names cannot act on a terminal", () => {
    const wrong = { ...right, verdict: "wrong" as const };
    expect(judged(wrong, wrong).alarms).toEqual([]);
    expect(judged(wrong, right).alarms).toEqual([]);
    const odd = { ...right, name: "a\u001b[2J\nerror" };
    const error = gateFailure(judged(odd, { ...odd, verdict: "wrong" }), () => "");
    expect(error?.diagnostic.why).toBe("a\\u001b[2J\\u000aerror: was right, is wrong");
  });
});

describe("rules", () => {
  it("are the smallest of two parts that no difference exceeds, doubled", () => {
    // a large thing varies by 1 %, a small one by 100 ns
    const differences = [differenceOf(1e6, 1.01e6), differenceOf(1000, 1100), differenceOf(2000, 2100)];
    expect(learnRule(differences, 2)).toEqual({ percent: expect.closeTo(2, 6), nanoseconds: 200 });
    expect(learnRule([differenceOf(1e6, 1e6)], 2)).toEqual({ percent: 0.5, nanoseconds: 50 });
  });

  const run = (ns: number, kernel = "k") => ({
    ...caseOf("a", { ns: [ns] }, [layerOf("l", { ns: [ns / 2] }, kernel)]),
    timing: "measured" as const,
  });
  const files = (...cases: CaseResult[]) =>
    cases.map((one, i) => ({ file: `${i}.json`, results: resultsOf([one]) }));

  it("are learned of each network and each operator of its layers", () => {
    const place = { how: "files", case: "a", board: "qemu-rpi4", target: "rpi4", threads: 1 };
    expect(calibrate(files(run(1e6), run(1.02e6), run(1.01e6)))).toEqual({
      format: "tilewright-gate-rules",
      version: 1,
      margin: 2,
      rules: [
        { ...place, percent: 4.01, nanoseconds: 50 },
        { ...place, op: "conv2d", percent: 4.01, nanoseconds: 50 },
      ],
    });
  });

  const message = (cases: CaseResult[]) =>
    messageOf(Promise.resolve().then(() => calibrate(files(...cases))));

  it("R167: are not learned from different kernels, or in different places", async () => {
    expect(await message([run(1), run(1, "other")])).toBe(
      [
        "error[R167]: case a is not the same in `0.json` and `1.json`",
        "  why:   layer l: kernel k, other",
        "  help:  rules are learned from several runs of one build in one place: `tilewright test` again for each",
      ].join("\n"),
    );
    expect(await message([run(1), { ...run(1), board: "pi" }])).toContain("why:   board: qemu-rpi4, pi");
    expect(await message([run(1), { ...run(1), layers: [] }])).toContain("why:   1 layers, 0");
  });

  it("R168: are not learned from one file, or an emulator", async () => {
    const expected = (count: string): string =>
      [
        "error[R168]: no rules can be learned from these results",
        `  why:   of ${count} no 3 hold measured times of the same case`,
        "  help:  exact figures (instructions, cycles) need no rules",
        "  help:  run `tilewright test` six times or more on a board, with some hundreds of runs each",
      ].join("\n");
    expect(await message([run(1)])).toBe(expected("1 file"));
    const emulated = { ...run(1), timing: "emulated" as const };
    expect(await message([emulated, { ...emulated, seconds: 2 }])).toBe(expected("2 files"));
    expect(await message([run(1e6), run(1.01e6)])).toBe(expected("2 files"));
  });

  it("R177: are not learned from a run and its copy", async () => {
    expect(await message([run(1e6), run(1.01e6), run(1e6)])).toBe(
      [
        "error[R177]: `0.json` and `2.json` hold one and the same run",
        "  why:   rules are learned from how much runs differ",
        "  help:  give files of several runs: `tilewright test` again for each",
      ].join("\n"),
    );
  });

  it("R178: are none where times differ by more than half", async () => {
    expect(await message([run(1e6), run(1.3e6), run(1.01e6)])).toBe(
      [
        "error[R178]: times on `qemu-rpi4` differ too much from run to run to judge by",
        "  where: case a",
        "  why:   what is slower by 61 % would still pass, the most that may is 50 %",
        "  help:  stop what else runs there, fix its clock, or let each run repeat more often, and measure again",
      ].join("\n"),
    );
  });
});

describe("a file of rules", () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-rules-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("R166: is told from another", async () => {
    const path = join(folder, "rules.json");
    writeFileSync(path, JSON.stringify({ format: "tilewright-gate-rules", version: 2 }));
    expect(await messageOf(readGateRules(path))).toBe(
      [
        `error[R166]: \`${path}\` holds no rules of a gate`,
        "  why:   version: Invalid input: expected 1",
        "  help:  `tilewright gate calibrate RESULTS... -o FILE` writes such files",
      ].join("\n"),
    );
  });
});
