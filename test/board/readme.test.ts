import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { type Fence, fencesOf, readDocument } from "../docs/fences.ts";
import { type LoopbackBoard, startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";

/** Below the package, so that `import "tilewright"` finds it. Deleted with what Tilewright's own commands left. */
const folder = join(PACKAGE_ROOT, ".tilewright", "readme");
const fixtures = join(PACKAGE_ROOT, "test/fixtures/digits");
/** The board of the README. A loopback board stands in for it: the way there is the same. */
const README_BOARD = "pi@raspberrypi.local";

let board: LoopbackBoard;
beforeAll(async () => {
  // What `make test` has built already is kept.
  execFileSync("make", ["build"], { cwd: PACKAGE_ROOT, stdio: "pipe" });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  for (const name of ["model.onnx", "digits.onnx"])
    copyFileSync(join(fixtures, "digits.onnx"), join(folder, name));
  copyFileSync(join(fixtures, "one.npy"), join(folder, "image.npy"));
  copyFileSync(join(fixtures, "test.npz"), join(folder, "images.npz"));
  board = await startLoopbackBoard();
  const shim = join(folder, "bin/tilewright");
  writeFileSync(shim, commandShim(board));
  chmodSync(shim, 0o755);
});
afterAll(() => {
  board?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `tilewright`, with the loopback board where the README has one of the reader's. */
function commandShim({ destination, sshConfigPath }: LoopbackBoard): string {
  return `#!/usr/bin/env bash
args=("\${@/#${README_BOARD}/${destination}}")
case " $* " in *" ${README_BOARD} "*) args+=(--ssh-config "${sshConfigPath}") ;; esac
exec node "${PACKAGE_ROOT}/dist/cli/main.js" "\${args[@]}"
`;
}

const fences = fencesOf(readDocument("README.md"));
/** Fences that are run, each with the text it is said to print. They share one folder, in their order. */
const steps = fences.flatMap((fence, i) => {
  const next = fences[i + 1];
  const prints = next?.use === "prints" ? next.text : undefined;
  const runs = ["c", "yaml", "ts", "sh"].includes(fence.language) && fence.use !== "by-hand";
  return runs ? [{ title: `${fence.language} at line ${fence.line}`, fence, prints }] : [];
});

describe("README.md", () => {
  test("has fences of every kind", () => {
    expect(new Set(steps.map(({ fence }) => fence.language))).toEqual(new Set(["sh", "yaml", "ts", "c"]));
    expect(steps.filter(({ prints }) => prints !== undefined).length).toBeGreaterThanOrEqual(3);
  });

  test.each(steps)("$title", ({ fence, prints }) => {
    const printed = carriedOut(fence);
    if (prints !== undefined) expect(printed.trimEnd()).toBe(prints.trimEnd());
  });
});

/** Standard output of a fence. */
function carriedOut({ language, use, text, line }: Fence): string {
  if (language === "c" || language === "yaml") {
    writeFileSync(join(folder, use), text);
    return "";
  }
  if (language === "sh") return run("bash", ["-euo", "pipefail", "-c", text]);
  typeCheckedAndCompiled();
  return run("node", [`line-${line}.js`]);
}

let compiled = false;

/** All fences of TypeScript at once: types of Node and of the package take longer to read than any of them. */
function typeCheckedAndCompiled(): void {
  if (compiled) return;
  const sources = steps.flatMap(({ fence }) => {
    if (fence.language !== "ts") return [];
    const source = join(folder, `line-${fence.line}.ts`);
    writeFileSync(source, fence.text);
    return [source];
  });
  const options = [
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2023",
    "--types",
    "node",
    "--skipLibCheck",
  ];
  run(join(PACKAGE_ROOT, "node_modules/.bin/tsc"), ["--ignoreConfig", ...options, ...sources]);
  compiled = true;
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}`, NO_COLOR: "1" },
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  return stdout;
}
