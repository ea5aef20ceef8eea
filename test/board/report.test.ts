import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";

const MODEL = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const folder = mkdtempSync(join(tmpdir(), "tilewright-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function report(...argv: string[]): Promise<string> {
  const out = join(folder, "report.html");
  const { code, note } = await tilewright("report", MODEL, "-o", out, ...argv);
  expect(code, note).toBe(0);
  return readFileSync(out, "utf8");
}

test("of an emulated board: cycles of its core's model, the same each time", async () => {
  const first = await report("--board", "qemu-rpi4", "--assembly");
  expect(first).toContain("One inference, modelled");
  for (const chart of ["Cost of each layer", "Where the cycles go", "Roofline", "Memory"]) {
    expect(first).toContain(`<h3>${chart}</h3>`);
  }
  expect(first).toContain("<h3>Assembly</h3>");
  expect(first).toContain("fmla");
  expect(await report("--board", "qemu-rpi4", "--assembly")).toBe(first);
}, 300_000);

test("of an emulated board on several threads: times that say what they are", async () => {
  const text = await report("--board", "qemu-rpi4", "--threads", "2");
  expect(text).toContain("One inference, emulated");
  expect(text).toContain("they say nothing about how fast the board is");
}, 300_000);

test("of this machine: times", async () => {
  const text = await report("--board", "host");
  expect(text).toContain("One inference, measured");
  expect(text).toMatch(/\d+ after 3 of warm-up, the median/);
  expect(text).toMatch(/Certainty<[\s\S]{0,80}(steady|noisy|drifting)/);
}, 300_000);

test("of a target: what its data sheet allows", async () => {
  expect(await report("--target", "rpi4")).toContain("One inference, bound");
}, 300_000);
