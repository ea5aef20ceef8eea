import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runOnSave } from "../../compiler/cli/watch.ts";
import { until } from "../support/until.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tilewright-watch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("runs at once and after each save, one run for a burst; ends when aborted", async () => {
  const controller = new AbortController();
  const file = join(folder, "my.kernel.ts");
  writeFileSync(file, "0");
  let runs = 0;
  const done = runOnSave([file], async () => void runs++, controller.signal);
  await until(() => runs === 1);
  for (const text of ["1", "2", "3"]) writeFileSync(file, text);
  await until(() => runs === 2);
  writeFileSync(join(folder, "notes.txt"), "not TypeScript");
  writeFileSync(join(folder, "beside.ts"), "an import may lie here");
  await until(() => runs === 3);
  await pause(200);
  expect(runs).toBe(3);
  controller.abort();
  await done;
});

test("a save during a run leads to one more", async () => {
  const controller = new AbortController();
  const file = join(folder, "my.kernel.ts");
  let runs = 0;
  const done = runOnSave(
    [file],
    async () => {
      runs++;
      if (runs > 1) return;
      writeFileSync(file, "changed");
      await pause(300);
    },
    controller.signal,
  );
  await until(() => runs === 2);
  controller.abort();
  await done;
});
