import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeWhole } from "../../compiler/support/write-whole.ts";
import { messageOfAsync } from "../frontend/onnx-model.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a file is replaced, also behind a link, and nothing else is left", async () => {
  const [file, link] = [join(folder, "a"), join(folder, "b")];
  writeFileSync(file, "old");
  symlinkSync(file, link);
  await writeWhole(link, "new");
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(readdirSync(folder, { withFileTypes: true }).map((e) => [e.name, e.isSymbolicLink()])).toEqual([
    ["a", false],
    ["b", true],
  ]);
});

test("devices are written to, never replaced", async () => {
  await writeWhole("/dev/null", "x");
  expect(readFileSync("/dev/null", "utf8")).toBe("");
});

test("C302 names the file, not the temporary one", async () => {
  expect(await messageOfAsync(() => writeWhole("/proc/none/x.onnx", "x"))).toBe(
    "error[C302]: cannot write `/proc/none/x.onnx`\n  why:   ENOENT: no such file or directory, open '/proc/none/x.onnx'",
  );
});
