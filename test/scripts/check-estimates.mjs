// How well the estimates that choose tiles and orders of loops agree with modelled cycles.
//
//   node test/scripts/check-estimates.mjs [--fit] [--options] [--json FILE] [--from FILE] [--board BOARD ...] [NAME ...]
//
// Runs a few options of each layer on each modelled core and prints estimated and modelled cycles, rank correlations, and how
// much slower the estimate's choice is than the best that was tried. --fit says which values of the estimates' constants
// (compiler/ops/estimate/estimate-constants.ts) would have chosen best. --options says what would be run, and runs none. --json keeps what was found, --from takes it from there.
// NAMEs are parts of layers' names. Answers of the model are kept in the user's cache.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadTarget } from "../../dist/machine/load.js";
import { renderDiagnostic } from "../../dist/support/diagnostic.js";
import { fitLines } from "./bench/estimate-fit.mjs";
import { ESTIMATE_LAYERS } from "./bench/estimate-layers.mjs";
import { layerLines, summaryLines } from "./bench/estimate-lines.mjs";
import { modelledOptions, optionsOf } from "./bench/modelled-options.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fit: { type: "boolean", default: false },
    options: { type: "boolean", default: false },
    json: { type: "string", default: "" },
    from: { type: "string", default: "" },
    board: { type: "string", multiple: true, default: ["qemu-rpi3", "qemu-rpi4", "qemu-rpi5"] },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const stop = new AbortController();
process.once("SIGINT", () => {
  say("interrupted: cleaning up");
  stop.abort();
});

const asked = (name) => positionals.length === 0 || positionals.some((part) => name.includes(part));

async function rowsFound() {
  if (values.from !== "")
    return JSON.parse(readFileSync(values.from, "utf8")).filter(({ layer }) => asked(layer));
  const layers = ESTIMATE_LAYERS.filter(({ name }) => asked(name));
  return modelledOptions(layers, values.board.map(loadTarget), stop.signal, say);
}

function listOptions() {
  for (const target of values.board.map(loadTarget)) {
    for (const layer of ESTIMATE_LAYERS.filter(({ name }) => asked(name))) {
      const { task, schedule, tried } = optionsOf(layer, target);
      const options = tried.map(({ choices }) => Object.values(choices).join(" "));
      console.log(`${layer.name}, ${target.core.name}, ${task.op} ${schedule}: ${options.join(", ")}`);
    }
  }
}

async function sumUp() {
  const rows = await rowsFound();
  if (rows.length === 0) throw new Error(`no layer is named ${positionals.join(" or ")}`);
  if (values.json !== "") writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
  const lines = [...rows.flatMap(layerLines), ...summaryLines(rows), ...(values.fit ? fitLines(rows) : [])];
  for (const line of lines) console.log(line);
}

try {
  if (values.options) listOptions();
  else await sumUp();
} catch (error) {
  process.exitCode = stop.signal.aborted ? 130 : 1;
  if (!stop.signal.aborted) say(error.diagnostic ? renderDiagnostic(error.diagnostic) : error.stack);
}
