import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { immediateMeter, type Kernels } from "../../../compiler/driver/tune/meter.ts";
import { t4Of } from "../../../compiler/driver/tune/records/t4.ts";
import { tuneNetwork } from "../../../compiler/driver/tune/tune-network.ts";
import { openTuneLog, type Place, type TuneLine } from "../../../compiler/driver/tune/tune-record.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { graphBuilder } from "../../graph/graph-builder.ts";
import { jsonLines } from "../../support/json-lines.ts";
import { cyclesOf, PLACE } from "./layers.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-large-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A depthwise convolution of 11.5 million multiply-adds. */
const b = graphBuilder(makeRng(3));
const planned = decidedPlan(
  b.finish([b.conv(b.input([1, 32, 202, 202]), { oc: 32, kernel: 3, groups: 32 })]),
  loadTarget("rpi4"),
);
const [{ layer }] = planned.plan.steps.filter(({ task }) => task.op === "conv2d");

async function tuned(file: string, trials = Number.POSITIVE_INFINITY, place: Place = PLACE) {
  const log = await openTuneLog(join(folder, file), () => {});
  const asked: string[] = [];
  const meter = immediateMeter(async (kernels: Kernels, { part }) => {
    asked.push(...kernels.map(({ name }) => name));
    // a part of the grid tells it less exactly
    const cycles = kernels.map(
      (kernel) => cyclesOf(kernel) + (part === undefined ? 0 : kernel.c.length % 97),
    );
    return cycles.map((n) => ({ outcome: "ok", cost: { kind: "modelled", cycles: 10_000 * n } }));
  });
  try {
    const report = await tuneNetwork(planned, () => [], {
      ...{ place, meter, log, budget: { trials, seconds: Number.POSITIVE_INFINITY } },
      ...{ layers: (name) => name === layer, strategy: "estimate", seed: 1 },
      signal: new AbortController().signal,
    });
    return { report, asked };
  } finally {
    await log.close();
  }
}

/** Of the convolution: the copy before it is small. */
const linesOf = (file: string): readonly TuneLine[] =>
  jsonLines<TuneLine>(readFileSync(join(folder, file), "utf8")).filter(
    (line) => "op" in line && line.op === "conv2d",
  );
const trialsOf = (file: string, stage: string) =>
  linesOf(file).flatMap((line) => (line.kind === "trial" && line.stage === stage ? [line.kernel] : []));

describe("a large layer on the model of a core", async () => {
  await tuned("whole.jsonl");
  const [inPart, whole] = ["part", "screen"].map((stage) => trialsOf("whole.jsonl", stage));

  test("is looked at by a part of each grid, and what may be best is run whole", () => {
    expect(inPart.length).toBeGreaterThan(32);
    expect(whole.length).toBeGreaterThan(1);
    expect(whole.length).toBeLessThan(inPart.length / 2);
    for (const kernel of whole) expect(inPart).toContain(kernel);
  });

  test("has no record, and exports no result, of what only a part was run of", () => {
    const lines = linesOf("whole.jsonl");
    for (const line of lines) if (line.kind === "winner") expect(whole).toContain(line.kernel);
    expect(lines.filter(({ kind }) => kind === "winner").length).toBe(1);
    expect(t4Of(lines).results.length).toBe(whole.length);
  });

  test("again measures nothing; stopped, it comes to the same end, and measures nothing twice", async () => {
    expect((await tuned("whole.jsonl")).asked).toEqual([]);
    await tuned("parts.jsonl", 13);
    await tuned("parts.jsonl");
    const lines = new Set(linesOf("parts.jsonl").map((line) => JSON.stringify(line)));
    expect(lines.size).toBe(linesOf("parts.jsonl").length);
    for (const line of linesOf("whole.jsonl")) expect(lines).toContain(JSON.stringify(line));
  });

  test("is run whole at once where a board measures", async () => {
    await tuned("board.jsonl", 3, { ...PLACE, kind: "measured" });
    expect(trialsOf("board.jsonl", "part")).toEqual([]);
    expect(trialsOf("board.jsonl", "screen").length).toBe(3);
  });
});
