import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { boardScript } from "../../compiler/device/board-script.ts";

/** The script of a run as a board keeps it, with the lock of its machine beside it. */
function startRun(folder: string, run: string, limit: string, ...program: readonly string[]) {
  const script = join(folder, "run.sh");
  writeFileSync(script, boardScript("lock", "run"));
  return spawn("sh", [script, run, "somebody", "5", limit, "MARK", "", "", "", "", ...program], {
    env: { ...process.env, TILEWRIGHT_LOCK: join(folder, "lock") },
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
