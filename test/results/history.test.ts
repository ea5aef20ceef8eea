import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { historyLine, openHistory, readHistory } from "../../compiler/results/history-log.ts";
import type { CaseResult, Results } from "../../compiler/results/results.schema.ts";
import { trendsOf } from "../../compiler/results/trends.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { tilewright } from "../cli/command-line.ts";
import { messageOf } from "../device/message-of.ts";
import { caseOf, layerOf, resultsOf } from "./results-of.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-history-"));
afterAll(() => rmSync(folder, { recursive: true }));
const history = join(folder, "history");

/** A run in which conv1 became faster by its new kernel from the sixth on, and times are a noisy part of cycles. */
function run(i: number): Results {
  const rng = makeRng(i);
  const conv1 = i < 6 ? 900 : 700;
  const ns = Array.from({ length: 5 }, () => (conv1 + 100) * 1000 * (1 + 0.002 * rng.normal()));
  const layers = [
    layerOf("conv1", { cycles: conv1 }, i < 6 ? "conv2d_a" : "conv2d_b"),
    layerOf("fc", { cycles: 100 }, "dense_a"),
  ];
  const whole = { cycles: conv1 + 100, ns, ofBound: "NaN" as const };
  return resultsOf([caseOf("digits", whole, layers)], `r${i}`);
}

beforeAll(async () => {
  for (let i = 1; i <= 12; i++) {
    const file = join(folder, "results.json");
    writeFileSync(file, JSON.stringify(run(i)));
    const { code, out, note } = await tilewright("history", "add", file, "--to", history);
    expect({ code, out, note }).toEqual({
      code: 0,
      out: `run ${i} of ${history}: 1 cases`,
      note: `next: \`tilewright history show ${history}\``,
    });
  }
});

it("keeps a line for each run: single figures, and names of kernels", () => {
  const [line] = readFileSync(join(history, "history.jsonl"), "utf8").split("\n");
  const { cases, ...rest } = JSON.parse(line) as { cases: CaseResult[] };
  expect(rest).toEqual({
    format: "tilewright-history",
    version: 1,
    tilewright: { version: "0.1.0", build: "abc" },
    suite: "suite",
    label: "r1",
  });
  expect(cases[0].whole).toEqual({ cycles: 1000, ns: expect.closeTo(1e6, -4) });
  expect(cases[0].layers[0]).toEqual({ name: "conv1", kernel: "conv2d_a", figures: { cycles: 900 } });
  expect(line.length).toBeLessThan(700);
});

describe("history show", () => {
  it("shows the trend of each case, and where it changed", async () => {
    const { code, out } = await tilewright("history", "show", history);
    expect(code).toBe(0);
    expect(out).toBe(
      [
        "case    board      kind    runs  first  last   change  trend",
        "digits  qemu-rpi4  cycles    12   1000   800  -20.0 %  █████▁▁▁▁▁▁▁",
        "",
        "changed:",
        "  digits on qemu-rpi4: -20.0 % cycles at run 6 (r6), from 1000 to 800",
      ].join("\n"),
    );
  });

  it("shows a layer, with the kernel that made the difference", async () => {
    const { out } = await tilewright("history", "show", history, "--case", "digits", "--layer", "conv1");
    expect(out).toContain("digits: conv1  qemu-rpi4  cycles    12    900   700  -22.2 %");
    expect(out).toContain("at run 6 (r6), from 900 to 700, another kernel: conv2d_b");
    const still = await tilewright("history", "show", history, "--layer", "fc");
    expect(still.out).toMatch(/0 % {2}▄{12}\n\nnothing changed$/);
  });

  it("asks a test of times", async () => {
    const { out } = await tilewright("history", "show", history, "--kind", "ns", "--json");
    const { trends } = JSON.parse(out) as { trends: ReturnType<typeof trendsOf> };
    expect(trends).toHaveLength(1);
    expect(trends[0].changes.map(({ at, run, label }) => ({ at, run, label }))).toEqual([
      { at: 5, run: 6, label: "r6" },
    ]);
    expect(trends[0].changes[0].p).toBeLessThan(1e-6);
    expect(trends[0].changes[0].change).toBeCloseTo(-0.2, 2);
  });

  it("tells what a history does not hold", async () => {
    const show = async (...argv: string[]) => (await tilewright("history", "show", history, ...argv)).note;
    expect(await show("--case", "digit")).toBe(
      [
        "error[R174]: the history has no case `digit`",
        "  why:   its cases are digits",
        "  help:  did you mean `digits`?",
      ].join("\n"),
    );
    expect(await show("--layer", "pooling")).toBe(
      ["error[R175]: the history has no layer `pooling`", "  why:   its layers are conv1, fc"].join("\n"),
    );
    expect(await show("--kind", "instructions")).toBe(
      [
        "error[R176]: no run has figures of kind `instructions`",
        "  why:   a test run keeps only what it was asked to look at",
        "  help:  --kind is one of cycles, instructions, ns",
      ].join("\n"),
    );
  });
});

it("does not compare boards, and leaves out runs that were wrong", () => {
  const other = { ...caseOf("digits", { cycles: 5 }), board: "qemu-rpi5" };
  const wrong: CaseResult = { ...caseOf("digits", { cycles: 1 }), verdict: "wrong" };
  const lines = [
    resultsOf([caseOf("digits", { cycles: 10 }), other]),
    resultsOf([wrong]),
    resultsOf([caseOf("digits", { cycles: 10 })]),
  ];
  const trends = trendsOf(lines.map(historyLine), {});
  expect(trends.map(({ board, points }) => [board, points.map(({ value }) => value)])).toEqual([
    ["qemu-rpi4", [10, 10]],
    ["qemu-rpi5", [5]],
  ]);
});

it("refuses a folder without a history, one it cannot use, and lines of something else", async () => {
  const none = join(folder, "none");
  const told = (why: string): string =>
    [
      `error[R173]: \`${none}\` holds no history`,
      `  why:   ${why}`,
      `  help:  \`tilewright history add RESULTS.json --to ${none}\` begins one`,
    ].join("\n");
  expect(await messageOf(readHistory(none))).toBe(told("it is not there"));
  mkdirSync(none);
  expect(await messageOf(readHistory(none))).toBe(
    told("there is no `history.jsonl` in it, or nothing in that"),
  );
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(await messageOf(openHistory(file))).toBe(
    [
      `error[R171]: the history \`${file}/history.jsonl\` cannot be used`,
      `  why:   ENOTDIR: not a directory, open '${file}/history.jsonl'`,
    ].join("\n"),
  );
  appendFileSync(join(history, "history.jsonl"), '{"format":"other"}\n');
  expect(await messageOf(readHistory(history))).toBe(
    [
      `error[R172]: \`${history}/history.jsonl\` holds something else than runs of test suites`,
      "  where: line 13",
      "  why:   it is JSON of something else",
      "  help:  remove that line, or give another folder",
    ].join("\n"),
  );
});

it("removes a run that was cut off within a character, behind a byte order mark, too", async () => {
  const torn = join(folder, "torn");
  const kept = `\ufeff${JSON.stringify(historyLine(run(1)))}\n`;
  mkdirSync(torn);
  writeFileSync(
    join(torn, "history.jsonl"),
    Buffer.concat([Buffer.from(kept), Buffer.from('{"a":"\u00e9').subarray(0, -1)]),
  );
  const log = await openHistory(torn);
  await log.close();
  expect(log.lines).toHaveLength(1);
  expect(readFileSync(join(torn, "history.jsonl"), "utf8")).toBe(kept);
});
