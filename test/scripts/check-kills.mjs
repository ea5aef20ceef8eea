// Kills tunes of a small layer on a modelled core at random moments, as a power cut would, and has each go on until it is through:
// nothing may be measured twice, and the log has to end as that of a tune that nobody disturbed.
//
//   node test/scripts/check-kills.mjs [KILLS] [--seed N]
//
// Exit code 1 where a log differs.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeRng } from "../../dist/support/rng.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" } },
});
const KILLS = Number(positionals[0] ?? 20);
const rng = makeRng(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), "check-kills-"));
const words = [
  ...["dist/cli/main.js", "tune", "test/fixtures/digits/digits.onnx", "--target", "rpi4"],
  ...["--layer", "/depthwise/depthwise.0/Conv", "--jobs", "2"],
];

/** Runs a tune, and kills it after so many milliseconds unless it ends before. */
function run(log, killAfter) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, XDG_CACHE_HOME: join(folder, "cache") };
    const child = spawn(process.execPath, [...words, "--log", log], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve(false);
      else if (code === 0) resolve(true);
      else reject(new Error(said));
    });
  });
}

const textOf = (log) => {
  try {
    return readFileSync(log, "utf8");
  } catch {
    return "";
  }
};
const linesOf = (log) =>
  textOf(log)
    .split("\n")
    .filter((line) => line !== "");
const keyOf = ({ kind, workload, contest, kernel, reference, stage }) =>
  [kind, workload, contest, kernel, reference, stage].join(" ");

try {
  const whole = join(folder, "whole.jsonl");
  await run(whole);
  const began = performance.now();
  await run(join(folder, "again.jsonl"));
  // what is in the cache already is quick: kills are to fall into all of it
  const ms = performance.now() - began;
  const expected = new Set(linesOf(whole));
  let [kills, tunes, wrong, during] = [0, 0, 0, 0];
  while (kills < KILLS) {
    const log = join(folder, `killed-${tunes++}.jsonl`);
    for (let isOver = false; !isOver; ) {
      const before = linesOf(log).length;
      isOver = await run(log, ms * (0.3 + 0.7 * rng.next()));
      if (!isOver) kills++;
      if (!isOver && linesOf(log).length > before) during++;
    }
    const lines = linesOf(log);
    const twice = lines.length - new Set(lines.map((line) => keyOf(JSON.parse(line)))).size;
    const isSame = lines.length === expected.size && lines.every((line) => expected.has(line));
    if (twice > 0 || !isSame) {
      wrong++;
      console.log(`tune ${tunes}: ${twice} measured twice, ${lines.length} lines, ${expected.size} expected`);
    }
  }
  console.log(
    `${kills} kills of ${tunes} tunes, ${during} after something was logged: ${wrong} logs differ from the undisturbed one of ${expected.size} lines`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
