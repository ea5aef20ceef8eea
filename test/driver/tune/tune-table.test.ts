import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { pointText } from "../../../compiler/driver/tune/candidate.ts";
import { tableSpace } from "../../../compiler/driver/tune/table-space.ts";
import { readTuneTable, type TuneTable } from "../../../compiler/driver/tune/tune-table.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { tilewright } from "../../cli/command-line.ts";
import { messageOf } from "../../support/message.ts";
import { packed, smallTable } from "./tables.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-table-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const table = smallTable();
const [task] = table.tasks;
const { points } = task;
const file = join(folder, "small.json.gz");
writeFileSync(file, packed(table));

const written = (name: string, changed: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof changed === "string" ? changed : JSON.stringify(changed));
  return path;
};
const withPoints = (changed: readonly unknown[]): unknown => ({
  ...table,
  tasks: [{ ...task, points: changed }],
});
const least = Math.min(...points.map(({ cycles = 0 }) => cycles));

describe("the space of a table", () => {
  const space = tableSpace(task, 10);
  test("has each recorded point, with what it made", () => {
    const texts: string[] = [];
    const all = space.points();
    for (let next = all.next(); !next.done; next = all.next()) texts.push(pointText(next.value));
    expect(texts).toEqual(points.map(pointText));
    expect(points.map((point) => space.make(point)?.kernel.name)).toEqual(points.map((p) => p.kernel));
    expect(space.make({ schedule: "direct", knobs: {} })).toBeUndefined();
  });

  test("neighbours differ in one knob, random points are recorded ones", () => {
    const texts = new Set(points.map(pointText));
    for (const point of points)
      for (const { schedule, knobs } of space.neighbours(point)) {
        expect([schedule, texts.has(pointText({ schedule, knobs }))]).toEqual([point.schedule, true]);
        const moved = Object.keys(knobs).filter((name) => knobs[name] !== point.knobs[name]);
        expect(moved.length).toBe(1);
      }
    const rng = makeRng(3);
    for (let i = 0; i < 20; i++) expect(texts).toContain(pointText(space.random(rng) ?? points[0]));
  });
});

describe("tune --board table:FILE", () => {
  const log = join(folder, "grid.jsonl");
  const words = (...more: string[]): string[] => [
    ...["tune", "--board", `table:${file}`, "--log", log, "--json"],
    ...more,
  ];
  type Found = {
    trials: number;
    saved: number;
    kernels: { cost: number; bound: number; ratio: { median: number } }[];
  };
  const found = async (...more: string[]): Promise<Found> => {
    const { code, out, note } = await tilewright(...words(...more));
    expect([code, note]).toEqual([0, expect.stringContaining("log: ")]);
    return JSON.parse(out) as Found;
  };

  test("finds what was recorded, compiles nothing, and measures nothing twice", async () => {
    const { kernels, trials } = await found("--search", "grid");
    const [{ cost, bound, ratio }] = kernels;
    expect([bound > 0, bound < cost]).toEqual([true, true]);
    expect(cost).toBe(points[0].cycles);
    expect(ratio.median).toBeGreaterThanOrEqual(least / cost);
    expect(ratio.median).toBeLessThan(1);
    expect(trials).toBeGreaterThan(15);
    const before = readFileSync(log, "utf8");
    const again = await found("--search", "grid");
    expect([again.trials, again.kernels]).toEqual([0, kernels]);
    expect(readFileSync(log, "utf8")).toBe(before);
  });

  test("says what it searches, and how many points there are", async () => {
    const { out } = await tilewright("tune", "--board", `table:${file}`, "--log", join(folder, "text.jsonl"));
    expect(out).toContain(`cortex-a72, modelled, as recorded in ${file}: `);
    const space = await tilewright("tune", "--board", `table:${file}`, "--explain-space");
    expect(space.out).toMatch(new RegExp(`depthwise +conv2d +${points.length} `));
  });

  test("needs no model, and knows its layers", async () => {
    const extra = await tilewright("tune", "model.onnx", "--board", `table:${file}`);
    expect(extra.note).toContain("error[C206]: cannot read the command line of `tilewright tune`");
    expect(extra.note).toContain(
      `why:   a table has layers of its own: \`model.onnx\` and --board table:${file} do not go together`,
    );
    const none = await tilewright("tune", "--board", "table:");
    expect(none.note).toContain("error[C205]: `--board` cannot be `table:`");
    const layer = await tilewright("tune", "--board", `table:${file}`, "--layer", "depthwize");
    expect(layer.note).toContain("it has to be a layer of the network, as `depthwise`");
    const target = await tilewright("tune", "--board", `table:${file}`, "--target", "rpi3");
    expect(target.note).toContain("it has to be that of the table: rpi4");
    const energy = await tilewright("tune", "--board", `table:${file}`, "--energy");
    expect(energy.note).toContain("--energy is for boards: of a table nothing runs");
    const model = await tilewright("tune", "--target", "rpi4");
    expect(model.note).toContain("error[C203]: `tilewright tune` needs MODEL");
  });
});

describe("a table that somebody gives", () => {
  test("R156 that is not there", async () => {
    const path = join(folder, "none.json");
    expect(await messageOf(() => readTuneTable(path))).toBe(`error[R156]: the table \`${path}\` cannot be read
  why:   ENOENT: no such file or directory, stat '${path}'
  help:  \`make tuner-tables\` makes those of test/bench/tuner`);
  });

  test.each([
    ["torn.json", '{"kind":"tuning-table"', "JSON"],
    ["torn.json.gz", packed(table).subarray(0, 200).toString(), "JSON"],
    ["later.json", { ...table, version: 2 }, "version: "],
    ["empty.json", withPoints([]), "tasks.0.points: "],
    ["neither.json", withPoints([{ ...points[0], cycles: undefined }]), "either cycles or a fault"],
    ["twice.json", withPoints([points[0], points[0]]), "depthwise has groups-in-lanes"],
    ["short.json", withPoints([{ ...points[0], features: [1] }]), "1 numbers for"],
    [
      "wrong.json",
      withPoints([{ ...points[0], cycles: undefined, fault: "wrong" }]),
      "the default of depthwise is wrong",
    ],
    ["features.json", { ...table, features: ["fma"] }, "its features are fma, those of this version fma, "],
    [
      "costs.json",
      withPoints([
        { ...points[0], cycles: 1 },
        { ...points[1], kernel: points[0].kernel, cycles: 2 },
      ]),
      "is there with another cost",
    ],
    ["tasks.json", { ...table, tasks: [task, task] }, "depthwise is there twice"],
  ])("R157 %s is refused", async (name, changed, why) => {
    const path = written(name, changed);
    const message = await messageOf(() => readTuneTable(path));
    expect(message).toContain(
      `error[R157]: \`${path}\` is no table of recorded results that this version reads`,
    );
    expect(message).toContain(why);
  });

  test("has a place of its own, which changes with it", async () => {
    const same: TuneTable = await readTuneTable(file);
    const other = await readTuneTable(written("other.json", withPoints(points.slice(0, 5))));
    expect(same.place).toMatchObject({ board: `table:${file}`, core: "cortex-a72" });
    expect(other.place.made).not.toBe(same.place.made);
  });
});
