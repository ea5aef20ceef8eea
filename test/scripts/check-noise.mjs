// Whether `bench` knows a disturbed time from a quiet one, on this machine.
//
//   node test/scripts/check-noise.mjs disturbed [N]   beside a busy loop for each of two cores: how many of N runs (50) pass as steady
//   node test/scripts/check-noise.mjs pairs [N]       as the machine is: how many of N pairs (20) lie in each other's intervals
//
// Exit code 1 where a disturbed run passed, or where of pairs whose runs were both steady fewer than 95 % do.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { localRunner } from "../../dist/device/local.js";
import { benchNetwork } from "../../dist/driver/run/bench-network.js";
import { bundleProgram } from "../../dist/driver/turns/bundle-program.js";

const MODEL = "test/fixtures/digits/digits.onnx";
const EFFORT = { precision: 0.01, leastSeconds: 0.5, budgetSeconds: 5 };
/** Beside loops nothing is won by waiting. */
const BRIEF = { ...EFFORT, budgetSeconds: 1 };

const [what = "disturbed", number] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "tilewright-noise-"));
const load = () => `load ${loadavg()[0].toFixed(2)}`;
const holds = ({ interval }, { ns }) => interval !== undefined && interval.low <= ns && ns <= interval.high;

async function makeBench() {
  const bundle = join(folder, "bundle");
  const words = ["dist/cli/main.js", "compile", MODEL, "--target", "host", "-o", bundle];
  execFileSync(process.execPath, words, { stdio: "ignore" });
  const program = await bundleProgram(bundle);
  return async (repeats) => {
    const options = { warmup: 3, repeats, threads: 1, timeoutSeconds: 60 };
    const { whole, certainty } = await benchNetwork(program, localRunner("host"), options);
    return { ns: whole.median, ...certainty };
  };
}

async function disturbed(bench, count) {
  const loops = [0, 1].map(() => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
  const counts = new Map();
  try {
    for (let i = 0; i < count; i++) {
      const { verdict } = await bench(BRIEF);
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    }
  } finally {
    for (const loop of loops) loop.kill("SIGKILL");
  }
  const passed = counts.get("steady") ?? 0;
  const all = [...counts].map(([verdict, n]) => `${n} ${verdict}`).join(", ");
  process.stdout.write(`${passed} of ${count} runs beside two busy loops pass as steady: ${all}\n`);
  return passed === 0;
}

async function pairs(bench, count) {
  const before = load();
  const found = [];
  for (let i = 0; i < count; i++) found.push([await bench(EFFORT), await bench(EFFORT)]);
  const inEachOther = (some) => some.filter(([a, b]) => holds(a, b) && holds(b, a)).length;
  const steady = found.filter((pair) => pair.every(({ verdict }) => verdict === "steady"));
  const judged = `${inEachOther(steady)} of ${steady.length} where both are steady`;
  const state = `${before} before, ${load()} after`;
  process.stdout.write(
    `${inEachOther(found)} of ${count} pairs lie in each other's intervals, ${judged} (${state})\n`,
  );
  return inEachOther(steady) >= 0.95 * steady.length;
}

try {
  const bench = await makeBench();
  const fine =
    what === "pairs"
      ? await pairs(bench, Number(number ?? 20))
      : await disturbed(bench, Number(number ?? 50));
  process.exitCode = fine ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
