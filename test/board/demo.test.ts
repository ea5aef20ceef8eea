import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { fencesOf, readDocument } from "../docs/fences.ts";

/** Numbers, rows of layers, what this machine is and how slow are another thing every time. */
function shape(text: string): string {
  return text
    .replace(/^(layer .*\n)(.+\n)+/gm, "$1ROWS\n")
    .replace(/^.* \.\.\.\n/gm, "")
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
  expect(shape(stdout)).toBe(shape(shown));
});
