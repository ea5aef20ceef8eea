import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readGateRules } from "../../compiler/results/gate/read-gate-rules.ts";
import { openHistory, readHistory } from "../../compiler/results/history-log.ts";
import { readResults } from "../../compiler/results/read-results.ts";
import { readTextFile } from "../../compiler/support/read-text-file.ts";
import { messageOf } from "../device/message-of.ts";
import { caseOf, resultsOf } from "./results-of.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-results-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it("gives back what was written; fields of later versions are passed over", async () => {
  const written = resultsOf([caseOf("a", { cycles: 10 })]);
  expect(await readResults(file("a.json", JSON.stringify({ ...written, later: [1] })))).toEqual(written);
});

it("tells a file that is not there, is no JSON, or holds something else", async () => {
  const missing = join(folder, "missing.json");
  expect(await messageOf(readResults(missing))).toBe(
    [
      `error[R161]: the results \`${missing}\` cannot be read`,
      `  why:   ENOENT: no such file or directory, open '${missing}'`,
    ].join("\n"),
  );
  const torn = file("torn.json", '{"format":');
  expect(await messageOf(readResults(torn))).toMatch(/^error\[R162\]: `.*torn\.json` holds no results/);
  const other = file("other.json", JSON.stringify({ ...resultsOf([]), version: 7 }));
  expect(await messageOf(readResults(other))).toBe(
    [
      `error[R162]: \`${other}\` holds no results of a test run`,
      "  why:   version: Invalid input: expected 1",
      "  help:  `tilewright test MODEL --results FILE` writes such files",
    ].join("\n"),
  );
});

it("refuses pipes, devices and folders, which may never end", async () => {
  const pipe = join(folder, "history.jsonl");
  execFileSync("mkfifo", [pipe]);
  expect(await messageOf(readResults(pipe))).toBe(
    [`error[R161]: the results \`${pipe}\` cannot be read`, "  why:   it is no file"].join("\n"),
  );
  expect(await messageOf(readResults("/dev/zero"))).toContain("  why:   it is no file");
  expect(await messageOf(readGateRules(pipe))).toContain("  why:   it is no file");
  expect(await messageOf(readHistory(folder))).toBe(
    [`error[R171]: the history \`${pipe}\` cannot be used`, "  why:   it is no file"].join("\n"),
  );
  expect(await messageOf(openHistory(folder))).toContain("  why:   it is no file");
  expect(await messageOf(readResults(folder))).toContain("  why:   it is a folder, no file");
});

it("takes files with a byte order mark, and refuses those that are too large", async () => {
  const written = resultsOf([caseOf("a", { cycles: 10 })]);
  expect(await readResults(file("bom.json", `\ufeff${JSON.stringify(written)}`))).toEqual(written);
  await expect(readTextFile(file("four.txt", "four"), 3)).rejects.toThrow("it has 4 bytes, the limit is 3");
});
