import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { fencesOf, readDocument } from "../docs/fences.ts";

/** Numbers, what this machine is, and the width of columns are another thing every time. */
function shape(text: string): string {
  return text
    .replace(/(\d+(\.\d+)?(e-?\d+)?|\b(ms|us|KiB|MiB)\b)/g, "0")
    .replace(/^.*governor.*$/m, "STATE")
    .replace(/(more|less)$/gm, "more")
    .replace(/[ \t]+/g, " ")
    .trim();
}

test("the demo works, and prints what README.md shows", () => {
  spawnSync("make", ["build"], { cwd: PACKAGE_ROOT, stdio: "ignore" });
  const { status, stdout, stderr } = spawnSync("test/scripts/demo.sh", [], {
    cwd: PACKAGE_ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", CI: "1" },
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  const shown = fencesOf(readDocument("README.md")).find(({ use }) => use === "demo")?.text ?? "";
  // The binary's place is an absolute path.
  const printed = stdout.replaceAll(join(PACKAGE_ROOT, "/"), "");
  expect(shape(printed)).toBe(shape(shown));
});
