import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localRunner } from "../../compiler/device/local.ts";
import type { BuiltNetwork } from "../../compiler/driver/build-network.ts";
import { benchNetwork } from "../../compiler/driver/run/bench-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { buildModel } from "./built-model.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const host = localRunner("host");
const BRIEF = { precision: 0.01, leastSeconds: 0.3, budgetSeconds: 0.1 };
const options = { warmup: 1, repeats: BRIEF, threads: 1, timeoutSeconds: 60 };
let network: BuiltNetwork;

beforeAll(async () => {
  network = await buildModel("test/fixtures/digits/digits.onnx", loadTarget("host"), join(folder, "bundle"));
}, 60_000);

describe("times of this machine", () => {
  // `node test/scripts/check-noise.mjs` does 50.
  it("beside two busy loops are never steady", async () => {
    const loops = [0, 1].map(() => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
    try {
      for (let i = 0; i < 2; i++) {
        const { certainty } = await benchNetwork(network, host, options);
        expect(certainty?.verdict).not.toBe("steady");
      }
    } finally {
      for (const loop of loops) loop.kill("SIGKILL");
    }
  }, 60_000);

  it("tell the clock, and lie in their interval; threads are tied to cores", async () => {
    const [, core] = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    const report = await benchNetwork(network, host, { ...options, cores: [Number(core)] });
    expect(report.cores).toEqual([Number(core)]);
    expect(report.certainty?.blocks).toBeGreaterThanOrEqual(11);
    expect(report.whole.ns.length).toBeLessThanOrEqual(200 * (report.certainty?.blocks ?? 0));
    expect(report.runs).toBeGreaterThanOrEqual(report.whole.ns.length);
    const { clockMHz = 1000 } = report.certainty ?? {};
    expect(clockMHz).toBeGreaterThan(300);
    expect(clockMHz).toBeLessThan(8000);
  }, 60_000);

  it("are refused of a core that is not there", async () => {
    await expect(benchNetwork(network, host, { ...options, cores: [1023] })).rejects.toThrow("exit code 5");
  });
});
