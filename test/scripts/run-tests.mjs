// Runs all checks and ends with "N passed, N failed"; fails when any failed or none ran.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { execa } from "execa";

const fast = process.argv.includes("--fast");
const BIN = "node_modules/.bin";
const RESULTS = ".tilewright/vitest.json";
/** A golden file that is missing fails instead of being written. */
const ENVIRONMENT = { CI: "1" };
mkdirSync(".tilewright", { recursive: true });
rmSync(RESULTS, { force: true });

let passed = 0;
let failed = 0;

/** One command that is itself one check; what it says is told when it has ended, as others run beside it. */
async function check(name, command, args) {
  const began = Date.now();
  const ended = await execa(command, args, { all: true, reject: false, stdin: "ignore", env: ENVIRONMENT });
  const ok = ended.exitCode === 0;
  ok ? passed++ : failed++;
  if (ended.all !== "") console.log(ended.all);
  console.log(`${ok ? "ok    " : "FAILED"} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...ENVIRONMENT } });
  return status ?? 1;
}

function tests() {
  const args = ["run", "--config", "test/vitest.config.ts", "--reporter=default", "--reporter=json"];
  const status = run(`${BIN}/vitest`, [
    ...args,
    `--outputFile.json=${RESULTS}`,
    ...(fast ? ["--exclude", "test/board/**"] : []),
  ]);
  const results = JSON.parse(readFileSync(RESULTS, "utf8"));
  // A file that cannot even be loaded has no tests of its own to count.
  const broken = results.testResults.filter((f) => f.status === "failed" && f.assertionResults.length === 0);
  passed += results.numPassedTests;
  failed += results.numFailedTests + broken.length;
  const skipped = results.numPendingTests + results.numTodoTests;
  if (skipped > 0)
    console.log(
      `${skipped} skipped, as what they need is not installed (llvm-mca 19, clang 14 and 19, gcc 12, chromium, libonnx-testdata):`,
    );
  for (const { name, assertionResults } of results.testResults) {
    const left = assertionResults.filter(({ status }) => status === "pending" || status === "skipped").length;
    if (left > 0) console.log(`  ${left} of ${relative(process.cwd(), name)}`);
  }
  if (status !== 0 && results.numFailedTests + broken.length === 0) failed++;
  if (results.numPassedTests === 0) failed++;
}

await Promise.all([
  check("types", `${BIN}/tsc`, ["-p", "test/tsconfig.json"]),
  check("lint", `${BIN}/biome`, ["check", "--config-path=.biome.json", "--log-level=error", "."]),
  ...(fast ? [] : [check("cycles", process.execPath, ["test/scripts/check-cycles.mjs", "--quick"])]),
]);
try {
  tests();
} catch (error) {
  console.error(`the tests left no results: ${error.message}`);
  failed++;
}
const summary = `${passed} passed, ${failed} failed\n`;
writeFileSync(".tilewright/summary.txt", summary);
process.stdout.write(summary);
process.exitCode = failed > 0 ? 1 : 0;
