// Runs the suite of cycles and holds it against the baseline: instructions may not grow by more than 0.1 %, modelled cycles by 0.5 %.
// `--update REASON` writes the baseline anew, with the reason in it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const SUITE = "test/suites/cycles.yaml";
const BASELINE = "test/suites/baseline.json";
const NOW = ".tilewright/cycles.json";
const { values } = parseArgs({ options: { update: { type: "string" } } });

function tilewright(...args) {
  return spawnSync(process.execPath, ["dist/cli/main.js", ...args], { stdio: "inherit" }).status ?? 1;
}

mkdirSync(".tilewright", { recursive: true });
const ran = tilewright("test", SUITE, "--results", NOW);
if (ran !== 0) process.exit(ran);
const now = JSON.parse(readFileSync(NOW, "utf8"));
if (values.update !== undefined) {
  // what differs from run to run is no baseline
  const cases = now.cases.map((each) => ({ ...each, seconds: 0, checks: [] }));
  // a line for each case: what a commit changes shows
  const head = JSON.stringify({
    format: now.format,
    version: now.version,
    tilewright: now.tilewright,
    suite: now.suite,
    label: values.update,
    cases: [],
  }).replace(/\[\]\}?$/, "[");
  writeFileSync(BASELINE, `${head}\n${cases.map((each) => JSON.stringify(each)).join(",\n")}\n]}\n`);
  console.log(`${BASELINE}: ${values.update}`);
  process.exit(0);
}
const base = JSON.parse(readFileSync(BASELINE, "utf8"));
const [theirs, ours] = [base, now].map(({ cases }) => cases[0].compiler);
if (theirs !== ours) {
  console.log(`nothing is judged: the baseline was made with ${theirs}, this is ${ours}`);
  process.exit(0);
}
const judged = tilewright("compare", BASELINE, NOW, "--gate");
if (judged !== 0)
  console.log("a cost that is worth it: make check-cycles ARGS='--update \"why\"', and commit the baseline");
process.exit(judged);
