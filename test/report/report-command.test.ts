import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { resultsData } from "../../compiler/driver/report/results-data.ts";
import { tuneCurves } from "../../compiler/driver/report/tune-curves.ts";
import type { Trial } from "../../compiler/driver/tune/tune-record.ts";
import { tilewright } from "../cli/command-line.ts";
import { caseOf, layerOf, resultsOf } from "../results/results-of.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder("report");
afterAll(() => rmSync(folder, { recursive: true }));

function results(name: string, cycles: number): string {
  const file = join(folder, name);
  const ns = [3e6, 1e6, 2e6];
  const one = caseOf("digits", { cycles, ns }, [layerOf("conv1", { cycles, ns, ofBound: 0.5 })]);
  writeFileSync(file, JSON.stringify(resultsOf([one], name)));
  return file;
}

it("writes results, alone and beside earlier ones, the same each time", async () => {
  const [before, after] = [results("before.json", 1000), results("after.json", 900)];
  const out = join(folder, "report.html");
  const write = async (...argv: string[]): Promise<string> => {
    const { code, note } = await tilewright("report", ...argv, "-o", out);
    expect(note).toMatch(/^report: .*report\.html, \d\.\d\d MB$/);
    expect(code).toBe(0);
    return readFileSync(out, "utf8");
  };
  const alone = await write(before);
  expect(alone).toContain("<h1>suite</h1>");
  expect(alone).not.toContain("<h2>Cases</h2>");
  const both = await write(before, after);
  expect(both).toContain("\u221210.0 %");
  expect(await write(before, after)).toBe(both);
});

it("tells what it cannot be written of", async () => {
  const said = async (...argv: string[]): Promise<string> =>
    (await tilewright("report", ...argv, "-o", join(folder, "none.html"))).note;
  expect(await said("model.onnx")).toBe(
    [
      "error[C355]: what `model.onnx` is to be compiled for has to be said",
      "  why:   a report of a model is of what a target makes of it",
      "  help:  add --board BOARD for what it costs there, or --target TARGET to compile it only",
      "  help:  a file of results ends in .json",
    ].join("\n"),
  );
  expect(await said("model.onnx", "other.json", "--target", "rpi4")).toContain(
    "`model.onnx` is no results file (.json), and `other.json` is compared with one",
  );
  const file = results("one.json", 1);
  expect(await said(file, "--board", "host")).toContain(`--board is for a model, \`${file}\` holds results`);
  expect(await said(join(folder, "missing.json"))).toContain("error[R161]: ");
});

it("compares kinds that both runs have, and says what is wrong", () => {
  const element = { at: [0, 3], actual: 2, wanted: 1, bound: 0.1 };
  const failure = { tensor: "y", layer: "conv1", badCount: 5, count: 10, first: element, worst: element };
  const check = { inputs: "random", threads: 2, reference: "kernels", ok: false, ofBound: "NaN" as const };
  const now = {
    ...caseOf("digits", { cycles: 5, instructions: 9 }),
    verdict: "wrong" as const,
    checks: [{ ...check, failure: { ...failure, histogram: [1], culprit: "after vectorize" } }],
  };
  const old = [caseOf("digits", { instructions: 10 }), caseOf("gone", { cycles: 1 })];
  const { sections } = resultsData(resultsOf([now]), resultsOf(old));
  expect(sections[0]).toMatchObject({
    kind: "instructions",
    whole: { cost: 9, before: 10, ofBound: Infinity },
  });
  expect(sections[0].problems).toEqual([
    "wrong: inputs random, 2 threads, against kernels: 5 of 10 values of y (made by conv1) are wrong; [0, 3] is 2 where 1 is wanted within 0.1; after vectorize",
  ]);
  expect(sections[1].problems).toEqual(["it is not there any more: this is what it was before"]);
  const [measured] = resultsData(resultsOf([caseOf("a", { ns: [3, 1, 2] })])).sections;
  expect(measured).toMatchObject({ kind: "emulated", whole: { cost: 2 } });
});

it("follows the best of each task of a tuning log", () => {
  const place = {
    ...{ board: "b", target: "t", core: "c", isa: "i", threads: 1, made: "m" },
    kind: "modelled" as const,
  };
  const trial = (
    workload: string,
    kernel: string,
    cycles: number,
    outcome: Trial["outcome"] = "ok",
  ): Trial => ({
    ...{ kind: "trial", version: 1, place, workload, op: "conv2d", dims: { N: 1, OC: 8, IC: 4 } },
    ...{ schedule: "direct", knobs: {}, kernel, reference: "r", stage: "screen", outcome, cycles },
  });
  const lines = [
    ...[trial("w", "r", 100), trial("w", "a", 120), trial("w", "b", 80), trial("w", "c", 10, "wrong")],
    ...[trial("v", "r", 50), trial("v", "d", 45)],
  ];
  expect(tuneCurves(lines)).toEqual([
    { task: "conv2d OC=8 IC=4", best: [1, 1, 0.8, 0.8] },
    { task: "conv2d OC=8 IC=4", best: [1, 0.9] },
  ]);
});
