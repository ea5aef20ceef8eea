// What the gate of measured times is worth on this machine, as loaded as it is:
//
//   node test/scripts/check-gate.mjs [--pairs N] [--model MODEL] [--json FILE]
//
// A bundle takes turns with a copy of itself, and with one each of whose layers takes 5 % more time, by the clock: what is computed
// once more would find its data in caches. Both print the same. Rules are learned first, as a user would. Exit code 1 where more than 1 % of the
// equal pairs have an alarm, or fewer than 95 % of the others have one.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadTarget } from "../../dist/machine/load.js";
import { buildBundle } from "../../dist/toolchain/compile-bundle.js";

const { values } = parseArgs({
  options: {
    pairs: { type: "string", default: "100" },
    model: { type: "string", default: "zoo:mobilenet-v1-G8@64" },
    json: { type: "string" },
  },
});
const PAIRS = Number(values.pairs);
const MORE = 0.05;
const folder = mkdtempSync(join(tmpdir(), "tilewright-gate-"));
const at = (name) => join(folder, name);
const load = () => loadavg()[0].toFixed(1);

function tilewright(...words) {
  return spawnSync(process.execPath, ["dist/cli/main.js", ...words], { encoding: "utf8" });
}

/** What a layer calls of what follows: it waits for a part of the time that it took, however long that was. */
const WAITING = `#include <time.h>

static double seconds_now(void)
{
    struct timespec now;

    timespec_get(&now, TIME_UTC);
    return (double)(now.tv_sec & 0xffff) + 1e-9 * (double)now.tv_nsec;
}

static void take_longer(double began)
{
    const double now = seconds_now();

    while (seconds_now() - now < ${MORE} * (now - began)) {
    }
}

`;

/** A copy of a bundle each of whose layers takes more time. */
async function slower(from, to) {
  cpSync(from, to, { recursive: true });
  const { sources } = JSON.parse(readFileSync(join(to, "metadata.json"), "utf8"));
  const names = sources.map(({ file }) => file);
  const file = join(
    to,
    names.find((path) => /^src\/[^/]+(?<!_main)\.c$/.test(path)),
  );
  const layer = /(static void layer_\d+\([^{]*\{\n)([\s\S]*?)\n\}/g;
  const longer = "$1    const double began = seconds_now();\n\n$2\n    take_longer(began);\n}";
  writeFileSync(file, WAITING + readFileSync(file, "utf8").replace(layer, longer));
  await buildBundle(to, loadTarget("host"));
}

/** What a program prints of one run on ones: both have to be right. */
function outputs(bundle) {
  const { program, inputs } = JSON.parse(readFileSync(join(bundle, "metadata.json"), "utf8"));
  const names = inputs.map(({ shape }, i) => {
    const ones = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1);
    writeFileSync(at(`input${i}.bin`), new Uint8Array(ones.buffer));
    return `input${i}.bin`;
  });
  const words = [
    "run",
    "--inputs",
    names.join(","),
    "--outputs",
    "out.bin",
    "--samples",
    "1",
    "--threads",
    "1",
  ];
  execFileSync(join(bundle, "build", program), words, { cwd: folder });
  return readFileSync(at("out.bin"));
}

/** How many of so many comparisons have an alarm, and of the whole network. */
function alarms(now, title) {
  const began = Date.now();
  let [any, whole] = [0, 0];
  for (let i = 0; i < PAIRS; i++) {
    const words = ["compare", at("base"), now, "--board", "host", "--rules", at("rules.json"), "--json"];
    const { stdout, stderr, status } = tilewright(...words);
    if (status !== 0) throw new Error(stderr);
    const { slower: found } = JSON.parse(stdout);
    if (found.length > 0) any++;
    if (found.some(({ layer }) => layer === undefined)) whole++;
  }
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(
    `${title}: ${any} of ${PAIRS} with an alarm, ${whole} of the whole network (${seconds} s, load ${load()})`,
  );
  return { any, whole };
}

try {
  const made = tilewright("compile", values.model, "--target", "host", "-o", at("base"));
  if (made.status !== 0) throw new Error(made.stderr);
  cpSync(at("base"), at("same"), { recursive: true });
  await slower(at("base"), at("more"));
  if (!outputs(at("base")).equals(outputs(at("more")))) throw new Error("the slower program is wrong");
  const learned = tilewright("gate", "calibrate", at("base"), "--board", "host", "-o", at("rules.json"));
  // on a machine that is too loaded to learn rules on, nothing is judged, and so nothing wrongly
  if (learned.status !== 0) throw new Error(`no rules are learned, load ${load()}: ${learned.stderr}`);
  const { rules } = JSON.parse(readFileSync(at("rules.json"), "utf8"));
  const rule = rules.find(({ op }) => op === undefined);
  console.log(
    `${values.model}: rule of the whole network ${rule.percent.toFixed(2)} % and ${Math.round(rule.nanoseconds)} ns; load ${load()}`,
  );
  const equal = alarms(at("same"), "equal programs");
  const more = alarms(at("more"), `${100 * MORE} % more time`);
  if (values.json !== undefined)
    writeFileSync(
      values.json,
      `${JSON.stringify({ pairs: PAIRS, slowdown: MORE, rule, equal, more }, null, 1)}\n`,
    );
  process.exitCode = equal.any > 0.01 * PAIRS || more.any < 0.95 * PAIRS ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
