import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-runtime-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The runtime's own tests, written in C; `make check` there compiles with -Werror -pedantic. */
test.each([
  ["plain", "-std=c11 -O2"],
  [
    "address and undefined behaviour checked",
    "-std=c11 -O1 -fsanitize=address,undefined -fno-sanitize-recover",
  ],
  ["races checked", "-std=c11 -O1 -fsanitize=thread"],
])("C runtime, %s", (name, cflags) => {
  const args = [
    "-C",
    join(PACKAGE_ROOT, "runtime-c"),
    "check",
    `BUILD=${join(folder, name)}`.replaceAll(" ", "-"),
  ];
  const result = spawnSync("make", [...args, `CFLAGS=${cflags}`], { encoding: "utf8" });
  expect(result.stderr).toBe("");
  expect(result.stdout).toMatch(/\n\d\d+ passed, 0 failed\n/);
  expect(result.status).toBe(0);
});
