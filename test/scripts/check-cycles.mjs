// Runs the suite of cycles and holds it against the baseline: instructions may not grow by more than 0.1 %, modelled cycles by 0.5 %.
// `--update REASON` writes the baseline anew, with the reason in it; `--quick` looks at a few of its cases, as every `make test` does.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const SUITE = "test/suites/cycles.yaml";
const BASELINE = "test/suites/baseline.json";
const NOW = ".tilewright/cycles.json";
/** Grouped, depthwise and 1x1 layers, and a network of all of them: half a minute. */
const QUICK = [
  ...["resnet34_128_g16", "mobilenetv1_dw512", "mobilenetv1_G4_512", "resnext50_s4"],
  ...["shufflenetv1_g3_pw", "zoo:shufflenet-v1@32"],
].map((name) => `${name} on qemu-rpi4`);
const { values } = parseArgs({ options: { update: { type: "string" }, quick: { type: "boolean" } } });
if (values.quick && values.update !== undefined) {
  console.error("check-cycles: a baseline is of all cases: --update goes without --quick");
  process.exit(1);
}

function tilewright(...args) {
  return spawnSync(process.execPath, ["dist/cli/main.js", ...args], { stdio: "inherit" }).status ?? 1;
}

mkdirSync(".tilewright", { recursive: true });
const cases = values.quick ? QUICK.flatMap((name) => ["--case", name]) : [];
const ran = tilewright("test", SUITE, "--results", NOW, ...cases);
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
const judged = tilewright("compare", values.quick ? someOf(base) : BASELINE, NOW, "--gate");
if (judged !== 0)
  console.log("a cost that is worth it: make check-cycles ARGS='--update \"why\"', and commit the baseline");
process.exit(judged);

/** A file of those cases of the baseline that were run: what is not tested any more would fail. */
function someOf({ cases, ...head }) {
  const file = ".tilewright/some-cycles.json";
  writeFileSync(file, JSON.stringify({ ...head, cases: cases.filter(({ name }) => QUICK.includes(name)) }));
  return file;
}
