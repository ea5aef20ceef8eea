import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { boardScript } from "../../compiler/device/board-script.ts";
import { until } from "../support/until.ts";

/** The script of a run as a board keeps it, with the lock of its machine beside it. */
function startRun(folder: string, run: string, limit: string, ...program: readonly string[]) {
  const script = join(folder, "run.sh");
  writeFileSync(script, boardScript("lock", "run"));
  return spawn("sh", [script, run, "somebody", "5", limit, "MARK", "", "", "", "", ...program], {
    env: { ...process.env, TILEWRIGHT_LOCK: join(folder, "lock") },
  });
}

/** Processes of this command line. */
function running(commandLine: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1") === commandLine;
    } catch {
      return false;
    }
  });
}

test("a run that nobody listens to any more leaves no folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-run-"));
  try {
    const run = join(folder, "runs/run");
    mkdirSync(join(run, "files"), { recursive: true });
    const caller = startRun(folder, run, "30", "sleep", "30");
    caller.stdout.destroy();
    caller.stderr.destroy();
    await once(caller, "exit");
    expect(readdirSync(join(folder, "runs"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a caller that goes at any moment leaves no program behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-run-"));
  const seconds = `30.${process.pid}`;
  try {
    for (let i = 0; i < 60; i++) {
      const run = join(folder, "runs", String(i));
      mkdirSync(join(run, "files"), { recursive: true });
      const caller = startRun(folder, run, "30", "sleep", seconds);
      // From the moment on at which the program is about to start.
      await until(() => existsSync(`${run}.active`), 0);
      if (i % 3 > 0) await new Promise((resolve) => setImmediate(resolve));
      caller.kill("SIGTERM");
      await once(caller, "close");
    }
    expect(running(`sleep\0${seconds}\0`)).toEqual([]);
    expect(readdirSync(join(folder, "runs"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the end of a quick program is told at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-run-"));
  try {
    for (let i = 0; i < 20; i++) {
      const run = join(folder, "runs", String(i));
      mkdirSync(join(run, "files"), { recursive: true });
      const began = performance.now();
      const caller = startRun(folder, run, "9", "true");
      caller.stdout.resume();
      caller.stderr.resume();
      // not before nobody holds its outputs any more, as an ssh server waits for that
      await once(caller, "close");
      expect(performance.now() - began).toBeLessThan(3000);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
