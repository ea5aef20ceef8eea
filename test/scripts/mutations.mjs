// Changes single lines of compiler/lower and compiler/codegen, one at a time in a copy, and says which no test notices:
// `<` for `<=`, `&&` for `||`, `true` for `false` and the like. COUNT lines chosen by SEED; --at FILE:LINE only that one; --list only says which.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Project, SyntaxKind } from "ts-morph";
import { makeRng } from "../../dist/support/rng.js";

const OTHER = new Map([
  [SyntaxKind.LessThanToken, "<="],
  [SyntaxKind.LessThanEqualsToken, "<"],
  [SyntaxKind.GreaterThanToken, ">="],
  [SyntaxKind.GreaterThanEqualsToken, ">"],
  [SyntaxKind.PlusToken, "-"],
  [SyntaxKind.MinusToken, "+"],
  [SyntaxKind.AmpersandAmpersandToken, "||"],
  [SyntaxKind.BarBarToken, "&&"],
  [SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [SyntaxKind.TrueKeyword, "false"],
  [SyntaxKind.FalseKeyword, "true"],
]);
const FOLDERS = ["lower", "codegen"];
/** Suites tried one after another until one fails: the nearest first, then what `make test` has beside them. */
const SUITES = [
  ["test/driver/kernel-names.test.ts", "test/lower", "test/codegen"],
  ["test/graph", "test/ops", "test/language", "test/schedule", "test/verify", "test/analyze", "test/driver"],
  ["test/board/schedules.test.ts", "test/board/spills.test.ts", "test/board/model-marks.test.ts"],
  ["test/board/layers.test.ts", "test/board/bundle-qemu.test.ts", "test/board/nan.test.ts"],
];
const TIME_LIMIT = 600_000;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "30" },
    seed: { type: "string", default: "1" },
    at: { type: "string" },
    list: { type: "boolean" },
  },
});

/** Every token of the folders that has another that compiles: at most one a line. */
function candidates() {
  const project = new Project({ skipAddingFilesFromTsConfig: true });
  project.addSourceFilesAtPaths(FOLDERS.map((folder) => `compiler/${folder}/**/*.ts`));
  return project.getSourceFiles().flatMap((source) => {
    const path = `compiler/${source.getFilePath().split("/compiler/")[1]}`;
    const lines = new Map();
    source.forEachDescendant((node) => {
      const text = OTHER.get(node.getKind());
      const inType = node.getParent()?.getKind() === SyntaxKind.LiteralType;
      if (text === undefined || inType) return;
      const line = node.getStartLineNumber();
      if (!lines.has(line)) lines.set(line, { path, line, from: node.getStart(), to: node.getEnd(), text });
    });
    return [...lines.values()];
  });
}

function choose(all) {
  if (values.at) return all.filter(({ path, line }) => `${path}:${line}` === values.at);
  const random = makeRng(Number(values.seed));
  const left = [...all];
  return Array.from({ length: Number(values.count) }, () => left.splice(random.int(left.length), 1)[0]);
}

/** Whether a suite passes. A change may be a loop without end: whatever is still at work then is ended, workers of the suite as well. */
async function passes(copy, suite) {
  const args = ["run", "--config", "test/vitest.config.ts", "--bail", "1", ...suite];
  const options = { cwd: copy, env: { ...process.env, CI: "1" }, stdio: "ignore", detached: true };
  const run = spawn("node_modules/.bin/vitest", args, options);
  const endAll = () => {
    try {
      process.kill(-run.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  };
  const limit = setTimeout(endAll, TIME_LIMIT);
  process.once("exit", endAll);
  const [status] = await once(run, "exit");
  clearTimeout(limit);
  process.off("exit", endAll);
  endAll();
  return status === 0;
}

/** The suite that fails with the change, if any does. */
async function noticedBy(copy, { path, from, to, text }) {
  const file = join(copy, path);
  const before = readFileSync(file, "utf8");
  writeFileSync(file, before.slice(0, from) + text + before.slice(to));
  try {
    for (const suite of SUITES) if (!(await passes(copy, suite))) return suite;
    return undefined;
  } finally {
    writeFileSync(file, before);
  }
}

const textOf = ({ path, line, text }) =>
  `${path}:${line} (${text}) ${readFileSync(path, "utf8").split("\n")[line - 1].trim()}`;
if (values.list) {
  for (const change of choose(candidates())) console.log(textOf(change));
  process.exit();
}
const copy = mkdtempSync(join(tmpdir(), "tilewright-mutations-"));
const left = [];
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
process.once("exit", () => rmSync(copy, { recursive: true, force: true }));
const LEFT_OUT = new Set([".git", ".tilewright", "node_modules", "build"]);
cpSync(".", copy, { recursive: true, filter: (path) => !LEFT_OUT.has(path) });
symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
const chosen = choose(candidates());
for (const change of chosen) {
  const suite = await noticedBy(copy, change);
  console.log(`${suite ? "noticed" : "LEFT   "} ${textOf(change)}`);
  if (!suite) left.push(change);
}
console.log(`${chosen.length - left.length} of ${chosen.length} changed lines are noticed`);
process.exitCode = left.length > 0 ? 1 : 0;
