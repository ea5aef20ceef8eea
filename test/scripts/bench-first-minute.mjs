// How much of what a long tune of a network saves on this machine its first minute has saved already: two tunes of the same seed, each
// with its own log, and what each is sure of in the end.
//
//   node test/scripts/bench-first-minute.mjs [--short 60] [--long 600] [--json] [MODEL ...]
//
// Seconds; models are zoo:resnet34-g16 and zoo:mobilenet-v1. Needs a quiet machine, and --short and --long seconds a model.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const MODELS = ["zoo:resnet34-g16", "zoo:mobilenet-v1"];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "string", default: "60" },
    long: { type: "string", default: "600" },
    json: { type: "boolean", default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), "first-minute-"));

/** What a tune of so many seconds comes to; nanoseconds are of an inference. */
function tuned(model, seconds) {
  const log = join(folder, `${model.replace(/\W/g, "-")}-${seconds}.jsonl`);
  const words = ["tune", model, "--board", "host", "--budget", `${seconds}s`, "--log", log, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", ...words], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(stderr);
  const { kernels, trials, seconds: took } = JSON.parse(stdout);
  const sum = (of) => kernels.reduce((all, kernel) => all + kernel.count * of(kernel), 0);
  return {
    ...{ trials, seconds: took, kernels: kernels.length },
    savedNs: sum(({ cost, ratio }) => cost * (1 - ratio.median)),
    wholeNs: sum(({ cost }) => cost),
  };
}

try {
  const found = [];
  for (const model of positionals.length > 0 ? positionals : MODELS) {
    const [short, long] = [values.short, values.long].map((seconds) => tuned(model, seconds));
    const share = long.savedNs > 0 ? short.savedNs / long.savedNs : undefined;
    found.push({ model, short, long, share, load: loadavg()[0] });
    if (values.json) continue;
    const text = ({ savedNs, trials, seconds, kernels }) =>
      `${(100 * (savedNs / (long.wholeNs || 1))).toFixed(2)} % saved by ${trials} trials of ${kernels} kernels in ${seconds.toFixed(0)} s`;
    const part = share === undefined ? "nothing was to be saved" : `${(100 * share).toFixed(0)} % of it`;
    console.log(`${model}: ${text(long)}; ${text(short)}: ${part} (load ${loadavg()[0].toFixed(1)})`);
  }
  if (values.json) console.log(JSON.stringify(found, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
