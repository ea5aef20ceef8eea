import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DIGITS = "test/fixtures/digits/digits.onnx";

const bench = (...args: readonly string[]): string =>
  execFileSync(process.execPath, ["test/scripts/bench-networks.mjs", ...args], {
    cwd: PACKAGE_ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, OUT: "", BASELINE: "" },
  });

interface Row {
  readonly name: string;
  readonly macs: number;
  readonly cores: Readonly<Record<string, Report>>;
}
interface Report {
  readonly core: string;
  readonly whole: { readonly cycles: number };
  readonly layers: readonly {
    readonly name: string;
    readonly cycles: number;
    readonly lost: number;
    readonly wide1x1: boolean;
  }[];
}
const rowsOf = (file: string): Row[] => JSON.parse(readFileSync(file, "utf8"));

test("the network benchmark gives cycles and what layers lose, and the same again", {
  timeout: 300_000,
}, () => {
  const out = join(folder, "result.json");
  const args = [DIGITS, "--board", "qemu-rpi5", "--layers", "2"];
  const printed = bench(...args, "--json", out);
  const [row] = rowsOf(out);
  expect(Object.keys(row.cores)).toEqual(["cortex-a76"]);
  const { whole, layers } = row.cores["cortex-a76"];
  const sum = layers.reduce((total, { cycles }) => total + cycles, 0);
  expect(sum).toBeLessThanOrEqual(whole.cycles);
  expect(sum).toBeGreaterThan(0.95 * whole.cycles);
  const wide = layers.filter(({ wide1x1 }) => wide1x1).map(({ name }) => name);
  expect(wide).toEqual(["/mix1/mix1.0/Conv", "/mix2/mix2.0/Conv", "/pointwise/pointwise.0/Conv"]);
  expect(printed).toMatch(
    /^test\/fixtures\/digits\/digits.onnx, cortex-a76, modelled: \d+\.\d M cycles \(no peer's\)/,
  );
  expect(printed).toContain("these 2 of ");
  expect(printed).toMatch(/^cortex-a76: the slowest 1x1 layer .*MACs a cycle/m);
  expect(bench(...args)).toBe(printed);
});

test("a core that no emulated board has is modelled by its name, without a clock", {
  timeout: 300_000,
}, () => {
  expect(bench(DIGITS, "--board=-mcpu=cortex-a55", "--layers", "0")).toMatch(
    /^test\/fixtures\/digits\/digits.onnx, cortex-a55, modelled: \d+\.\d M cycles \(no peer's\); \d/,
  );
});

/** What the benchmark would keep of a network on one core. */
const row = (name: string, cycles: number, peer?: number) => ({
  name,
  macs: 8e6,
  cores: {
    "cortex-a72": {
      core: "cortex-a72",
      peak: 4,
      ms: 1,
      clockMHz: 1500,
      whole: { cycles, instructions: 2e6, l2Stalls: 1e5, memoryStalls: 2e5 },
      ...(peer !== undefined && { peer: { peer: "ncnn", cycles: peer }, ratio: cycles / peer }),
      layers: [
        {
          ...{ name: `${name}.conv`, op: "conv2d", schedule: "pointwise", choice: "tile", wide1x1: true },
          ...{ macs: 8e6, macsPerCycle: 8e6 / cycles, lost: cycles - 2e6, ofPeak: 2e6 / cycles },
          ...{ cycles, l1Misses: 1000, l2Misses: 100, l2Stalls: 1e5, memoryStalls: 2e5 },
        },
      ],
    },
  },
});

test("what was found is compared with the peers and with an earlier run", () => {
  const [now, before] = ["now.json", "before.json"].map((name) => join(folder, name));
  writeFileSync(now, JSON.stringify([row("zoo:a", 4e6, 2e6), row("zoo:b", 2e6, 4e6), row("zoo:c", 3e6)]));
  writeFileSync(before, JSON.stringify([row("zoo:a", 5e6, 2e6), row("zoo:b", 2e6, 4e6)]));
  const printed = bench("--from", now, "--baseline", before, "--layers", "1");
  expect(printed).toMatchSnapshot();
  const one = bench("--from", now, "zoo:b");
  expect(one).toContain("worst               | 0.500 zoo:b");
  expect(one).not.toContain("zoo:a");
});
