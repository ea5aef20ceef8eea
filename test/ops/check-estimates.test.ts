import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-estimates-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (...args: readonly string[]): string =>
  execFileSync(process.execPath, ["test/scripts/check-estimates.mjs", ...args], {
    cwd: PACKAGE_ROOT,
    encoding: "utf8",
  });

/** A layer whose options, the estimate's choice first, are estimated and modelled to take these cycles. */
const row = (layer: string, core: string, ...cycles: readonly (readonly [number, number])[]) => ({
  ...{ layer, core, target: "qemu-rpi4", schedule: "pointwise" },
  options: cycles.map(([estimated, modelled], i) => ({
    choices: { tile: `1x${i + 1}x1`, order: "weights" },
    ...{ estimated, modelled },
  })),
});

const file = join(folder, "rows.json");
writeFileSync(
  file,
  JSON.stringify([
    // in the same order, in the opposite one, two of them exchanged, too few to rank
    row("same", "cortex-a72", [1e6, 2e6], [2e6, 4e6], [3e6, 6e6]),
    row("opposite", "cortex-a72", [1e6, 3e6], [2e6, 2e6], [3e6, 1.5e6]),
    row("exchanged", "cortex-a72", [1e6, 1.01e6], [2e6, 1e6], [3e6, 3e6], [4e6, 4e6]),
    row("few", "cortex-a53", [1e6, 1e6], [2e6, 1.5e6]),
  ]),
);

test("estimates are summed up: correlations, what choices cost, how many are as good as the best", () => {
  const lines = check("--from", file).split("\n");
  expect(lines).toContain(
    "exchanged, cortex-a72, pointwise: rank correlation 0.80, choice 1.0 % slower than the best",
  );
  expect(lines).toContain(
    "few, cortex-a53, pointwise: rank correlation -, choice 0.0 % slower than the best",
  );
  const cells = (name: string): string[] | undefined =>
    lines
      .find((line) => line.startsWith(`${name} `))
      ?.split("|")
      .map((cell) => cell.trim());
  // the geometric mean of 1, 2, 1.01 and 1
  const all = ["all", "4", "12", "0.80", expect.any(String), "19.2 %", "100.0 % (opposite, cortex-a72)"];
  expect(cells("all")).toEqual([...all, "3 of 4"]);
  expect(cells("cortex-a53")?.slice(1, 6)).toEqual(["1", "2", "-", "-", "0.0 %"]);
});

test("estimates in proportion to what is modelled correlate wholly", () => {
  expect(check("--from", file, "same")).toMatch(/^all +\| 1 +\| 3 +\| 1\.00 +\| 1\.00 +\| 0\.0 %/m);
});

test("every layer has options to run on every core", () => {
  const lines = check("--options").trim().split("\n");
  expect(lines.length).toBeGreaterThanOrEqual(60);
  for (const line of lines) expect(line).toMatch(/: .+, /);
  expect(lines.filter((line) => line.includes("winograd")).length).toBeGreaterThanOrEqual(9);
}, 60_000);
