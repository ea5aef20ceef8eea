import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compileNetwork } from "../../../compiler/driver/compile-network.ts";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { plannedAlgorithms } from "../../../compiler/driver/decide/decisions.ts";
import { contestsOf } from "../../../compiler/driver/tune/contests.ts";
import { immediateMeter, type Meter } from "../../../compiler/driver/tune/meter.ts";
import { recordedDecisions, recordNotes } from "../../../compiler/driver/tune/recorded-decisions.ts";
import { type TuneReport, tuneNetwork } from "../../../compiler/driver/tune/tune-network.ts";
import { openTuneLog, readTuneLog } from "../../../compiler/driver/tune/tune-record.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { graphBuilder } from "../../graph/graph-builder.ts";
import { LONG } from "../../support/amount.ts";
import { PLACE } from "./layers.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-contests-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A 3x3 convolution that several algorithms can compute. */
const b = graphBuilder(makeRng(3));
const graph = b.finish([b.conv(b.input([1, 16, 14, 14]), { oc: 16, kernel: 3, pads: [1, 1, 1, 1] })]);
const target = loadTarget("rpi4");
const contests = contestsOf(graph, target, {});
const [contest] = contests;
const alone = contest.algorithms.map(({ algorithm }) => algorithm).filter((name) => !name.includes("+"));

/** As if kernels of an operator took so many cycles, and all others more. */
function preferring(op: string): Meter {
  return immediateMeter(async (kernels) =>
    kernels.map(({ name }) => {
      const cycles = name.startsWith(`${op}_`)
        ? 100
        : name.startsWith("winograd") || name.startsWith("conv2d")
          ? 1000
          : 1;
      return { outcome: "ok", cost: { kind: "modelled", cycles } };
    }),
  );
}

async function tuned(file: string, op: string, place = PLACE): Promise<TuneReport> {
  const log = await openTuneLog(join(folder, file), () => {});
  try {
    // those of several algorithms take as long again
    const few = contests.map((c) => ({
      ...c,
      algorithms: c.algorithms.filter(({ algorithm }) => alone.includes(algorithm)),
    }));
    return await tuneNetwork(decidedPlan(graph, target), () => few, {
      place,
      meter: preferring(op),
      log,
      // every kernel has its first batch before one has its second
      budget: { trials: 60, seconds: Number.POSITIVE_INFINITY },
      strategy: "estimate",
      seed: 1,
      signal: new AbortController().signal,
    });
  } finally {
    await log.close();
  }
}

test("a convolution has the algorithms that may be best, the estimate's first", () => {
  const planned = plannedAlgorithms(decidedPlan(graph, target).plan);
  expect(contests.length).toBe(1);
  expect(contest.algorithms.length).toBeGreaterThan(1);
  expect(contest.algorithms[0].algorithm).toBe(planned.get(contest.layer));
});

/** Of algorithms that are called otherwise. */
const OPERATORS: Readonly<Record<string, string>> = {
  direct: "conv2d",
  winograd5: "winograd7x7",
  winograd6: "winograd8x8",
};
/** Every day one of Winograd's. */
const tried = LONG
  ? alone
  : alone.filter((algorithm) => !["winograd2", "winograd5", "winograd6"].includes(algorithm));

describe.each(tried)("when %s is fastest", (algorithm) => {
  const op = OPERATORS[algorithm] ?? algorithm;
  test("it is what records say, and what is compiled", async () => {
    const file = `${op}.jsonl`;
    const report = await tuned(file, op);
    expect(report.contests.map(({ chosen }) => chosen)).toEqual([algorithm]);
    const lines = await readTuneLog(join(folder, file), () => {});
    const recorded = await recordedDecisions(graph, target, {}, lines);
    const { decisions } = recorded;
    expect(recordNotes(recorded)).toEqual([]);
    expect(decisions.algorithms.get(contest.layer)).toBe(algorithm);
    const meta = { modelSha256: "0".repeat(64) };
    const { plan } = await compileNetwork(graph, target, { meta, decisions });
    expect(plannedAlgorithms(plan).get(contest.layer)).toBe(algorithm);
    // another core knows nothing of it
    expect((await recordedDecisions(graph, loadTarget("rpi3"), {}, lines)).decisions.algorithms.size).toBe(0);
  });
});

test("times of a board decide no contest: those of two algorithms are not taken in turns", async () => {
  const report = await tuned("measured.jsonl", "conv2d", { ...PLACE, kind: "measured" });
  expect(report.contests).toEqual([]);
  const lines = await readTuneLog(join(folder, "measured.jsonl"), () => {});
  expect(lines.filter(({ kind }) => kind === "algorithm")).toEqual([]);
  const said = {
    kind: "algorithm" as const,
    version: 1 as const,
    place: { ...PLACE, kind: "measured" as const },
  };
  const record = { ...said, contest: contest.key, algorithm: contest.algorithms[1].algorithm, costs: {} };
  expect((await recordedDecisions(graph, target, {}, [record])).decisions.algorithms.size).toBe(0);
});
