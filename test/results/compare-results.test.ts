import { describe, expect, it } from "vitest";
import { changeRows, tally } from "../../compiler/results/compare/change-rows.ts";
import { checkComparable } from "../../compiler/results/compare/comparable.ts";
import { compareResults } from "../../compiler/results/compare/compare-results.ts";
import { remarksOf } from "../../compiler/results/compare/remarks.ts";
import type { CaseResult, Figures } from "../../compiler/results/results.schema.ts";
import { messageOf } from "../device/message-of.ts";
import { caseOf, layerOf, resultsOf } from "./results-of.ts";

const compared = (base: readonly CaseResult[], now: readonly CaseResult[]) =>
  compareResults(resultsOf(base), resultsOf(now));
const told = (base: readonly CaseResult[], now: readonly CaseResult[]): string[] =>
  changeRows(compared(base, now)).map(
    ({ layer, change: { kind, base: b, now: n }, word }) =>
      `${layer?.layer ?? "whole"} ${kind} ${b} ${n} ${word}`,
  );

describe("figures of two runs", () => {
  it("are told in both directions, each kind apart", () => {
    const figures = { instructions: 100, cycles: 200, codeBytes: 10, weightBytes: 20, arenaBytes: 30 };
    const now = { instructions: 90, cycles: 210, codeBytes: 10, weightBytes: 10, arenaBytes: 40 };
    expect(
      told([caseOf("a", { ...figures, ofBound: 0.5 })], [caseOf("a", { ...now, ofBound: 0.1 })]),
    ).toEqual([
      "whole instructions 100 90 fewer",
      "whole cycles 200 210 slower",
      "whole codeBytes 10 10 same",
      "whole weightBytes 20 10 smaller",
      "whole arenaBytes 30 40 larger",
      "whole ofBound 0.5 0.1 more exact",
    ]);
  });

  it("of times are medians, and the same unless that is sure not to be so", () => {
    const around = (ns: number, runs = 9) => Array.from({ length: runs }, (_, i) => ns + i);
    const emulated = (ns: number[]) => [caseOf("a", { ns })];
    const measured = (ns: number[]) => [{ ...caseOf("a", { ns }), timing: "measured" as const }];
    expect(told(emulated(around(100)), emulated(around(200)))).toEqual(["whole emulatedNs 104 204 slower"]);
    expect(told(measured(around(200)), measured(around(100)))).toEqual(["whole measuredNs 204 104 faster"]);
    expect(told(measured(around(100)), measured(around(101)))).toEqual(["whole measuredNs 104 105 same"]);
    expect(told(measured(around(100, 5)), measured(around(200, 5)))).toEqual([
      "whole measuredNs 102 202 same",
    ]);
  });

  it("that are no number are as bad as any", () => {
    expect(told([caseOf("a", { ofBound: 0.5 })], [caseOf("a", { ofBound: "NaN" })])).toEqual([
      "whole ofBound 0.5 Infinity less exact",
    ]);
  });

  it("of layers are matched by name, and names that occur again by their turn", () => {
    const layers = (...names: [string, number][]) => names.map(([name, cycles]) => layerOf(name, { cycles }));
    const base = [caseOf("a", {}, layers(["x", 1], ["y", 2], ["x", 3], ["gone", 4]))];
    const now = [caseOf("a", {}, layers(["y", 2], ["x", 2], ["x", 3], ["x", 9]))];
    expect(told(base, now)).toEqual(["y cycles 2 2 same", "x cycles 1 2 slower", "x (2) cycles 3 3 same"]);
    expect(compared(base, now).cases[0]).toMatchObject({ onlyBase: ["gone"], onlyNow: ["x (3)"] });
  });
});

describe("what stands beside the figures", () => {
  it("tells cases, figures and layers of one file alone, and what compiled both", () => {
    const layers = (figures: Figures) => ["m", "n"].map((name) => layerOf(name, figures));
    const base = resultsOf([caseOf("a", { cycles: 1 }, layers({ cycles: 1 })), caseOf("old", {})]);
    const now = {
      ...resultsOf([
        { ...caseOf("a", { instructions: 1 }, [...layers({}), layerOf("l", {})]), compiler: "clang 19" },
        caseOf("new", {}),
      ]),
      tilewright: { version: "0.2.0" },
    };
    expect(remarksOf(compareResults(base, now))).toEqual([
      "compiled by other builds: 0.1.0 (abc), now 0.2.0",
      "old: only in BASE",
      "new: only in NOW",
      "a: C compilers differ: gcc 12.2.0, now clang 19",
      "a: instructions only in NOW",
      "a: modelled cycles only in BASE",
      "a: only in BASE: modelled cycles of 2 layers",
      "a: layer l only in NOW",
    ]);
  });

  it("remarks a layer of the same kernel with other exact figures", () => {
    const one = (cycles: number, kernel: string) => [caseOf("a", {}, [layerOf("l", { cycles }, kernel)])];
    expect(remarksOf(compared(one(10, "k1"), one(11, "k1")))).toEqual([
      "a: layer l has the same kernel and other modelled cycles: the C compiler, or what ran before it, differs",
    ]);
    expect(remarksOf(compared(one(10, "k1"), one(11, "k2")))).toEqual([]);
    expect(tally(compared(one(10, "k1"), one(11, "k2")))).toBe(
      "1 figures compared: 0 better, 1 worse, 0 the same; 0 of 1 layers have the same kernel",
    );
  });
});

describe("kinds", () => {
  const figures = { instructions: 1, ns: [1, 2, 3] };
  const base = caseOf("a", figures, [layerOf("l", figures)]);

  it("that hang on what differs are not compared, and the others are", () => {
    const now = { ...base, board: "pi", timing: "measured" as const, threads: 4 };
    expect(told([base], [now])).toEqual(["whole instructions 1 1 same", "l instructions 1 1 same"]);
    expect(remarksOf(compared([base], [now]))).toEqual([
      "a: not compared (time, emulated time): board differs: qemu-rpi4, now pi",
      "a: not compared (time, emulated time): times differs: emulated, now measured",
      "a: not compared (time, emulated time): threads differs: 1, now 4",
    ]);
  });

  it("that hang on nothing that differs are compared, and it is told what differs", () => {
    const exact = caseOf("a", { cycles: 1, instructions: 2 });
    expect(remarksOf(compared([exact], [{ ...exact, board: "pi", threads: 4 }]))).toEqual([
      "a: board was qemu-rpi4, is pi",
      "a: threads was 1, is 4",
    ]);
  });

  it("of another model, target, core or instruction set are never compared", () => {
    const other = { modelSha256: "b", target: "x", core: "x", isa: "x" };
    for (const [field, value] of Object.entries(other)) {
      const left = { ...base, modelSha256: "a" };
      expect(told([left], [{ ...left, [field]: value }]), field).toEqual([]);
    }
    // a hash that one file lacks says nothing
    expect(told([base], [{ ...base, modelSha256: "b" }])).toHaveLength(4);
  });
});

describe("files of which nothing can be compared", () => {
  const message = (base: readonly CaseResult[], now: readonly CaseResult[]) =>
    messageOf(Promise.resolve().then(() => checkComparable(compared(base, now))));

  it("R163: no case in both", async () => {
    expect(await message([caseOf("a", {})], [])).toBe(
      [
        "error[R163]: nothing of BASE and NOW can be compared",
        "  why:   BASE has a; NOW has no case: no name is in both",
        "  help:  run `tilewright test` with the same suite, board and threads for both",
      ].join("\n"),
    );
  });

  it("R163: every figure refused, with the reasons", async () => {
    const one = caseOf("a", { cycles: 1 });
    expect(await message([one], [{ ...one, core: "cortex-a53" }])).toBe(
      [
        "error[R163]: nothing of BASE and NOW can be compared",
        "  why:   a: not compared (modelled cycles): core differs: cortex-a72, now cortex-a53",
        "  help:  run `tilewright test` with the same suite, board and threads for both",
      ].join("\n"),
    );
  });

  it("but verdicts alone are enough", () => {
    checkComparable(compared([caseOf("a", {})], [caseOf("a", {})]));
  });
});
