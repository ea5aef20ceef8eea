import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const log = join(folder, "sweep.jsonl");
const DIGITS = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const WORDS = ["sweep", DIGITS, "--G", "1", "--g", "2", "--board", "qemu-rpi4", "--log", log];
const read = (): string => {
  try {
    return readFileSync(log, "utf8");
  } catch {
    return "";
  }
};

interface SweepJson {
  readonly settings: readonly {
    readonly cost_kind: string;
    readonly cost: number;
    readonly layers: readonly { readonly cost: number }[];
  }[];
}

test("a sweep that is killed goes on where it was; instructions are the same every time", async () => {
  // Killed once it has counted some kernels.
  const child = spawn("node", ["dist/cli/main.js", ...WORDS], { cwd: PACKAGE_ROOT, stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  while (read().split("\n").length < 6 && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill("SIGKILL");
  await ended;
  const before = read();
  expect(before.split("\n").length).toBeGreaterThanOrEqual(6);

  const { code, out } = await tilewright(...WORDS, "--json");
  expect(code).toBe(0);
  expect(read().startsWith(before.slice(0, before.lastIndexOf("\n") + 1))).toBe(true);
  const { settings } = JSON.parse(out) as SweepJson;
  expect(settings.map(({ cost_kind }) => cost_kind)).toEqual(["instructions", "instructions"]);
  for (const { cost, layers } of settings) {
    const sum = layers.reduce((s, layer) => s + layer.cost, 0);
    expect(sum).toBeLessThanOrEqual(cost);
    expect(sum / cost).toBeGreaterThan(0.9);
  }
  const again = await tilewright(...WORDS.slice(0, -1), join(folder, "again.jsonl"), "--json");
  expect((JSON.parse(again.out) as SweepJson).settings.map(({ cost }) => cost)).toEqual(
    settings.map(({ cost }) => cost),
  );
  const advice = await tilewright("advise", DIGITS, "--g", "2", "--board", "qemu-rpi4", "--log", log);
  expect(advice.out).toContain(
    "instructions are counted exactly, but a board's time follows them only roughly",
  );
}, 300_000);

test("a modelled sweep: times of the core's model, the same every time, said to be modelled", async () => {
  const words = ["sweep", DIGITS, "--G", "1", "--board", "qemu-rpi4", "--modelled", "--log"];
  const first = await tilewright(...words, join(folder, "modelled.jsonl"));
  expect(first.code).toBe(0);
  expect(first.out).toContain("ms (modelled)");
  expect(first.out).toContain(
    "modelled: cycles of qemu-rpi4's core (scoreboard and caches) at its clock, one thread, deterministic; nothing was measured",
  );
  const read = async (log: string): Promise<SweepJson> =>
    JSON.parse((await tilewright(...words, join(folder, log), "--json")).out) as SweepJson;
  const { settings } = await read("modelled.jsonl");
  expect(settings.map(({ cost_kind }) => cost_kind)).toEqual(["modelled"]);
  expect((await read("modelled-again.jsonl")).settings).toEqual(settings);
}, 300_000);
