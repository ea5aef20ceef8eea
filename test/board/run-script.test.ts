import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

test("a run that nobody listens to any more leaves neither its folder nor its lock", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-run-"));
  try {
    const [run, lock] = [join(folder, "run"), join(folder, "lock")];
    mkdirSync(join(run, "files"), { recursive: true });
    const script = join(PACKAGE_ROOT, "templates/board/run.sh");
    const caller = spawn("sh", [script, run, lock, "somebody", "5", "30", "MARK", "sleep", "30"]);
    caller.stdout.destroy();
    caller.stderr.destroy();
    await once(caller, "exit");
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the end of a quick program is told at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-run-"));
  const script = join(PACKAGE_ROOT, "templates/board/run.sh");
  try {
    for (let i = 0; i < 20; i++) {
      const run = join(folder, String(i));
      mkdirSync(join(run, "files"), { recursive: true });
      const began = performance.now();
      const caller = spawn("sh", [script, run, join(folder, "lock"), "somebody", "5", "9", "MARK", "true"]);
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
