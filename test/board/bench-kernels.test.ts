import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { LONG } from "../support/amount.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** In the file's order: a first layer, which takes longer, and a channel multiplier. */
const LAYERS = [...(LONG ? ["odd_7x7_first"] : []), "odd_multiplier3"];

test("the kernel benchmark measures layers that no peer knows, beside what their file says of ncnn", {
  timeout: 300_000,
}, () => {
  const out = join(folder, "result.json");
  const workloads = join(folder, "workloads.json");
  const layers: { name: string }[] = JSON.parse(
    readFileSync(join(PACKAGE_ROOT, "test/bench/odd-workloads.json"), "utf8"),
  );
  writeFileSync(workloads, JSON.stringify(layers.map((layer) => ({ ...layer, ncnn_instructions: 1000 }))));
  const printed = execFileSync(process.execPath, ["test/scripts/bench-kernels.mjs", ...LAYERS], {
    cwd: PACKAGE_ROOT,
    encoding: "utf8",
    env: { ...process.env, WORKLOADS: workloads, OUT: out },
  });
  expect(printed).toMatch(
    /^\d of \d layers need more than 1\.02 times the best peer's instructions: .*odd_multiplier3 \d+\.\d{3}x/m,
  );
  const rows: Record<string, unknown>[] = JSON.parse(readFileSync(out, "utf8"));
  expect(rows.map(({ name }) => name)).toEqual(LAYERS);
  for (const row of rows) {
    expect(printed).toContain(`\n${row.name} `);
    expect(row.instructions).toBeGreaterThan(Number(row.pack_instructions));
    expect(row.modelled_cycles).toEqual({
      "cortex-a53": expect.any(Number),
      "cortex-a72": expect.any(Number),
      "cortex-a76": expect.any(Number),
    });
    expect(row.scratch_bytes).toBeGreaterThanOrEqual(0);
    expect(row.host_us).toBeGreaterThan(0);
    expect(row.onnxruntime_us).toBeGreaterThan(0);
    expect(row.max_rel_error).toBeLessThan(1e-5);
  }
});
