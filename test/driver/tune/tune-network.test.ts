import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Kernel } from "../../../compiler/artifact/kernel.ts";
import { compileNetwork } from "../../../compiler/driver/compile-network.ts";
import { recordedDecisions, recordNotes } from "../../../compiler/driver/tune/recorded-decisions.ts";
import {
  type TuneOptions,
  type TuneReport,
  tuneNetwork,
} from "../../../compiler/driver/tune/tune-network.ts";
import {
  openTuneLog,
  type Place,
  readTuneLog,
  type TuneLine,
} from "../../../compiler/driver/tune/tune-record.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { jsonLines } from "../../support/json-lines.ts";
import { messageOf } from "../../support/message.ts";
import { aheadMeter, cyclesOf, hashedMeter, PLACE, smallNetwork, smallPlan } from "./layers.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-tune-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quiet = (): void => {};
const planned = smallPlan();
/** The depthwise one, as it has the fewest points. */
const LAYER = "conv2d2";

async function tuned(
  file: string,
  budget: Partial<TuneOptions["budget"]> = {},
  place: Place = PLACE,
  meter = hashedMeter(),
): Promise<{ readonly report: TuneReport; readonly asked: readonly string[] }> {
  const log = await openTuneLog(join(folder, file), quiet);
  try {
    const report = await tuneNetwork(planned, () => [], {
      place,
      meter,
      log,
      budget: { trials: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY, ...budget },
      layers: (name) => name === LAYER,
      strategy: "estimate",
      seed: 1,
      signal: new AbortController().signal,
    });
    return { report, asked: meter.asked };
  } finally {
    await log.close();
  }
}

const linesOf = (file: string): readonly TuneLine[] =>
  jsonLines<TuneLine>(readFileSync(join(folder, file), "utf8"));
const found = ({ tasks }: TuneReport): readonly unknown[] =>
  tasks.map(({ layer, state }) => [layer, state.best.kernel.name, state.ratio.median, state.trials]);

const whole = await tuned("whole.jsonl");

describe("a tune", () => {
  test("finds the best of what it tries, and is never worse than the default", () => {
    expect(whole.report.finished).toBe(true);
    expect(whole.report.untried).toEqual([]);
    for (const { state } of whole.report.tasks) {
      const { best, reference, ratio } = state;
      expect(ratio.median).toBe(cyclesOf(best.kernel as Kernel) / cyclesOf(reference.kernel as Kernel));
      expect(ratio.median).toBeLessThanOrEqual(1);
    }
    expect(whole.report.tasks.filter(({ state }) => state.best !== state.reference).length).toBeGreaterThan(
      0,
    );
  });

  test("logs each trial once, and a winner for each kernel", () => {
    const lines = linesOf("whole.jsonl");
    const trials = lines.filter((line) => line.kind === "trial");
    expect(trials.length).toBe(whole.report.trials);
    expect(new Set(trials.map(({ workload, kernel }) => `${workload} ${kernel}`)).size).toBe(trials.length);
    expect(lines.filter(({ kind }) => kind === "winner").length).toBe(whole.report.tasks.length);
  });

  test("again measures nothing, and finds the same", async () => {
    const before = linesOf("whole.jsonl").length;
    const again = await tuned("whole.jsonl");
    expect(again.asked).toEqual([]);
    expect(found(again.report)).toEqual(found(whole.report));
    expect(linesOf("whole.jsonl").length).toBe(before);
  });

  test("stopped after every few trials comes to the same end, and measures nothing twice", async () => {
    let last = await tuned("parts.jsonl", { trials: 13 });
    expect(last.report.finished).toBe(false);
    for (let parts = 0; !last.report.finished && parts < 40; parts++) {
      expect(last.report.trials).toBe(13);
      last = await tuned("parts.jsonl", { trials: 13 });
    }
    expect(found(last.report)).toEqual(found(whole.report));
    const trials = linesOf("parts.jsonl").filter(({ kind }) => kind === "trial");
    expect(trials.length).toBe(whole.report.trials);
  });

  test("that builds ahead does not hang on how long anything takes, nor on where it was stopped", async () => {
    const quick = await tuned("ahead.jsonl", {}, PLACE, aheadMeter(0));
    const [first] = quick.asked;
    expect(quick.asked.filter((name) => name !== first).length).toBe(
      new Set(quick.asked.filter((name) => name !== first)).size,
    );
    const slow = await tuned("ahead-slow.jsonl", {}, PLACE, aheadMeter(200));
    expect(slow.asked).toEqual(quick.asked);
    await tuned("ahead-parts.jsonl", { trials: 21 }, PLACE, aheadMeter(0));
    const rest = await tuned("ahead-parts.jsonl", {}, PLACE, aheadMeter(50));
    for (const again of [slow, rest]) expect(found(again.report)).toEqual(found(quick.report));
    expect(new Set(linesOf("ahead-parts.jsonl").map((line) => JSON.stringify(line)))).toEqual(
      new Set(linesOf("ahead.jsonl").map((line) => JSON.stringify(line))),
    );
  });

  test("goes on from a log that was cut off anywhere", async () => {
    const text = readFileSync(join(folder, "whole.jsonl"), "utf8");
    for (const part of [0.3, 0.95]) {
      const file = `cut-${part}.jsonl`;
      appendFileSync(join(folder, file), text.slice(0, Math.floor(part * text.length)));
      const { report } = await tuned(file);
      expect(found(report)).toEqual(found(whole.report));
    }
  });

  test("tries a candidate that the board was lost with once more, and not a third time", async () => {
    const [first, second] = linesOf("whole.jsonl").filter((line) => line.kind === "trial");
    const lost = { ...second, outcome: "lost", why: "the connection was lost", cycles: undefined };
    const rest = linesOf("whole.jsonl").filter((line) => line !== second && line.kernel !== second.kernel);
    const write = (file: string, times: number): void =>
      appendFileSync(
        join(folder, file),
        [...rest, ...Array.from({ length: times }, () => lost)]
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(""),
      );
    write("lost-once.jsonl", 1);
    write("lost-twice.jsonl", 2);
    expect((await tuned("lost-once.jsonl")).asked).toEqual([first.reference, second.kernel]);
    const { asked, report } = await tuned("lost-twice.jsonl");
    expect(asked).not.toContain(second.kernel);
    expect([...report.tasks.map(({ state }) => state.faults.get("lost") ?? 0)]).toContain(1);
  });

  test("takes nothing of another board, compiler, core or number of threads", async () => {
    for (const other of [{ board: "other" }, { made: "other" }, { core: "cortex-a53" }, { threads: 2 }]) {
      const file = `other-${Object.keys(other)[0]}.jsonl`;
      appendFileSync(join(folder, file), readFileSync(join(folder, "whole.jsonl")));
      const { asked, report } = await tuned(file, { trials: 1 }, { ...PLACE, ...other });
      expect([asked.length > 0, report.trials > 0]).toEqual([true, true]);
    }
  });
});

describe("records", () => {
  const target = loadTarget("rpi4");
  const lines = linesOf("whole.jsonl");
  const meta = { modelSha256: "0".repeat(64) };

  test("give the kernels that were found", async () => {
    const graph = smallNetwork();
    const recorded = await recordedDecisions(graph, target, {}, lines);
    const { decisions, taken, steps } = recorded;
    expect(recordNotes(recorded)).toEqual([]);
    expect([taken > 0, taken < steps]).toEqual([true, true]);
    const { plan, kernels, files } = await compileNetwork(graph, target, { meta, decisions });
    for (const { layer, op, state } of whole.report.tasks) {
      const at = plan.steps.findIndex((step) => step.layer === layer && step.task.op === op);
      expect(kernels[at].name).toBe(state.best.kernel.name);
      expect(kernels[at].chosen).toBe("modelled");
    }
    const metadata = JSON.parse(String(files.get("metadata.json")));
    expect(metadata.layers.map(({ chosen }: { chosen: string }) => chosen)).toContain("modelled");
  });

  test("never serve another core, nor another instruction set", async () => {
    for (const name of ["rpi3", "rpi5", "rpi2"])
      expect(await recordedDecisions(smallNetwork(), loadTarget(name), {}, lines)).toMatchObject({
        ...{ taken: 0, othersMade: 0, leftOut: new Map() },
      });
  });

  test("are left out, and told, where they make another kernel now", async () => {
    const changed = lines.map((line) => ({ ...line, kernel: "conv2d_0123456789ab" }));
    const recorded = await recordedDecisions(smallNetwork(), target, {}, changed);
    expect(recorded.taken).toBe(0);
    expect(recordNotes(recorded)).toContain(
      "the record of conv2d2 is left out: it was made of another kernel, conv2d_0123456789ab, by another version of Tilewright",
    );
    const odd = lines.map((line) => ({ ...line, schedule: "no-such" }));
    expect(recordNotes(await recordedDecisions(smallNetwork(), target, {}, odd))[0]).toContain(
      "has no schedule `no-such`",
    );
  });

  test("never serve another C compiler, which is told", async () => {
    const others = lines.map((line) => ({ ...line, place: { ...line.place, made: "another" } }));
    const recorded = await recordedDecisions(smallNetwork(), target, {}, others);
    expect([recorded.taken, recordNotes(recorded)]).toEqual([
      0,
      [`${others.length} records of other C compilers or flags are left out`],
    ]);
  });

  test("measured ones come before modelled ones, later ones before earlier ones", async () => {
    const winner = lines.find(({ kind }) => kind === "winner");
    const measured = lines.map((line) => ({ ...line, place: { ...line.place, kind: "measured" as const } }));
    const { decisions } = await recordedDecisions(smallNetwork(), target, {}, [...measured, ...lines]);
    expect([...decisions.steps.values()].map(({ from }) => from)).not.toContain("modelled");
    expect(winner).toBeDefined();
  });
});

describe("a log that somebody gives", () => {
  test("lines that are none are told and left out, fields of later versions stay", async () => {
    const file = join(folder, "odd.jsonl");
    const [line] = linesOf("whole.jsonl");
    appendFileSync(
      file,
      ["{", JSON.stringify({ kind: "setting" }), JSON.stringify({ ...line, newer: 1 }), '{"torn'].join("\n"),
    );
    const told: string[] = [];
    const lines = await readTuneLog(file, (text) => told.push(text.replace(folder, "FOLDER")));
    expect(lines).toMatchObject([{ kernel: line.kernel, newer: 1 }]);
    expect(told).toEqual([
      "FOLDER/odd.jsonl, line 1 is left out: it is not JSON",
      "FOLDER/odd.jsonl, line 2 is left out: it is JSON of something else",
    ]);
  });

  test("R155 a file of something else stays as it is; a first line that was cut off is begun anew", async () => {
    const file = join(folder, "model.onnx");
    const text = "\u0008\nnot a log\nand no end";
    appendFileSync(file, text);
    const told: string[] = [];
    const tell = (line: string): void => void told.push(line);
    expect(await messageOf(() => readTuneLog(file, tell))).toContain(
      "\n  why:   it is empty, or is another kind of file\n",
    );
    expect(await messageOf(() => openTuneLog(file, tell))).toContain(
      `error[R155]: \`${file}\` is another kind of file than a tuning log`,
    );
    expect(readFileSync(file, "utf8")).toBe(text);
    expect(told).toEqual([]);
    const torn = join(folder, "torn.jsonl");
    appendFileSync(torn, '{"kind":"tri');
    await (await openTuneLog(torn, quiet)).close();
    expect(readFileSync(torn, "utf8")).toBe("");
  });

  test("R151 a disk that takes no more, and what was written stays", async () => {
    const file = join(folder, "full.jsonl");
    const log = await openTuneLog(file, quiet);
    const [line] = linesOf("whole.jsonl");
    await log.append(line);
    await log.close();
    expect(await messageOf(() => log.append(line))).toContain(
      `error[R151]: the tuning log \`${file}\` cannot be used`,
    );
    expect(await readTuneLog(file, quiet)).toEqual([line]);
  });

  test("R151 a folder, R152 no file", async () => {
    expect(await messageOf(() => openTuneLog(folder, quiet))).toContain(
      `error[R151]: the tuning log \`${folder}\` cannot be used`,
    );
    expect(await messageOf(() => readTuneLog(join(folder, "none.jsonl"), quiet))).toContain(
      `error[R152]: \`${folder}/none.jsonl\` holds no records of tuning\n  why:   it is not there\n`,
    );
  });
});
