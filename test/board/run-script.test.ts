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
