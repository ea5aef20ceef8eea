import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-bisect-"));
afterAll(() => rmSync(folder, { recursive: true }));
const TILEWRIGHT = `node ${join(PACKAGE_ROOT, "dist/cli/main.js")}`;

function git(...args: readonly string[]): string {
  const config = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...config, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" });
}

/** A suite of one layer; `strict` numerics keep from Winograd's algorithm, which costs cycles. */
function suite(numerics: string, remark: string): string {
  const layer = "{ic: 16, oc: 16, ih: 12, iw: 12, kh: 3, kw: 3, pad: 1}";
  return `# ${remark}\nboards: [qemu-rpi4]\ninputs: [ones]\nthreads: [1]\nmeasure: [cycles]\nnumerics: ${numerics}\ncases:\n  - layer: ${layer}\n`;
}

test("git bisect finds the commit that made a layer slower, as `compare --gate` judges it", () => {
  execFileSync("make", ["build"], { cwd: PACKAGE_ROOT, stdio: "pipe" });
  git("init", "-q");
  for (let i = 1; i <= 5; i++) {
    writeFileSync(join(folder, "suite.yaml"), suite(i < 4 ? "fast" : "strict", `change ${i}`));
    git("add", "suite.yaml");
    git("commit", "-q", "-m", `change ${i}`);
  }
  const results = (name: string): string => `${TILEWRIGHT} test suite.yaml --results ${name} 2>&1`;
  git("checkout", "-q", "HEAD~4");
  execFileSync("sh", ["-c", results("base.json")], { cwd: folder, stdio: "pipe" });
  git("checkout", "-q", "main");
  git("bisect", "start", "HEAD", "HEAD~4");
  const judged = `${results("now.json")} && ${TILEWRIGHT} compare base.json now.json --gate 2>&1`;
  expect(git("bisect", "run", "sh", "-c", judged)).toMatch(/is the first bad commit[\s\S]*change 4/);
});
