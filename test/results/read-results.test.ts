import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readResults } from "../../compiler/results/read-results.ts";
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
      `  why:   ENOENT: no such file or directory, stat '${missing}'`,
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
