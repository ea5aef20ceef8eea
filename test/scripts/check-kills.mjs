// Kills tunes of a small layer on a modelled core at random moments, as a power cut would, and has each go on until it is through:
// nothing may be measured twice, and the log has to end as that of a tune that nobody disturbed.
//
//   node test/scripts/check-kills.mjs [KILLS] [--seed N]
//
// As many tunes at a time as there are cores.
//
// Exit code 1 where a log differs.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeRng } from "../../dist/support/rng.js";
import { difference, foundIn, linesOf } from "./tune-logs.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" } },
});
const KILLS = Number(positionals[0] ?? 20);
const folder = mkdtempSync(join(tmpdir(), "check-kills-"));
const words = [
  ...["dist/cli/main.js", "tune", "test/fixtures/digits/digits.onnx", "--target", "rpi4"],
  ...["--layer", "/depthwise/depthwise.0/Conv", "--jobs", "1"],
];

/** Runs a tune, and kills it after so many milliseconds, from the start or from the first new line of its log, unless it ends before. */
function run(log, kill) {
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
    const had = linesOf(log).length;
    const began = performance.now();
    let from = kill?.logged ? undefined : began;
    const watch = setInterval(() => {
      if (from === undefined && linesOf(log).length > had) from = performance.now();
      if (kill !== undefined && from !== undefined && performance.now() - from >= kill.ms)
        child.kill("SIGKILL");
    }, 5);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      if (signal === "SIGKILL") resolve(false);
      else if (code === 0) resolve(true);
      else reject(new Error(said));
    });
  });
}

try {
  const whole = join(folder, "whole.jsonl");
  await run(whole);
  const began = performance.now();
  await run(join(folder, "again.jsonl"));
  // what is in the cache already is quick: kills are to fall into all of it
  const ms = performance.now() - began;
  const expected = foundIn(linesOf(whole));
  const sum = { kills: 0, tunes: 0, wrong: 0, during: 0 };
  /** Each tune has moments of its own, whichever else runs beside it. */
  const killOne = async (number) => {
    const rng = makeRng(Number(values.seed) * 1_000_003 + number);
    const log = join(folder, `killed-${number}.jsonl`);
    for (let isOver = false; !isOver; ) {
      const before = linesOf(log).length;
      const logged = rng.next() < 0.6;
      isOver = await run(log, { logged, ms: rng.next() * (logged ? 300 : ms) });
      if (!isOver) sum.kills++;
      if (!isOver && linesOf(log).length > before) sum.during++;
    }
    const odd = difference(log, expected);
    if (odd === undefined) return;
    sum.wrong++;
    console.log(`tune ${number}: ${odd}`);
  };
  const killMany = async () => {
    while (sum.kills < KILLS) await killOne(++sum.tunes);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, killMany));
  const { kills, tunes, wrong, during } = sum;
  console.log(
    `${kills} kills of ${tunes} tunes, ${during} after something was logged, in ${((performance.now() - began) / 1000).toFixed(0)} s: ${wrong} logs differ from the undisturbed one of ${expected.size} lines`,
  );
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
