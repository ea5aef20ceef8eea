// Whole networks beside the peers: modelled cycles of three cores and what each layer loses; executed instructions; time here.
//
//   node test/scripts/bench-networks.mjs [--counts] [--host] [--cycles] [--layers N] [--board BOARD ...]
//        [--json FILE] [--from FILE] [--baseline FILE] [--readme] [MODEL ...]
//
// Cycles are the default; --counts (instructions) and --host (times here, beside ONNX Runtime's) measure these instead, or
// besides with --cycles. --layers says how many layers that lose the most are listed. --json (or OUT=) keeps what was found,
// --from takes it from there instead of measuring, --baseline prints what changed since. --readme writes the README's table. A
// --board is an emulated one, or `--board=-mcpu=CORE` for a modelled core that none has.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadTarget } from "../../dist/machine/load.js";
import { renderDiagnostic } from "../../dist/support/diagnostic.js";
import { openCounts } from "./bench/counted-network.mjs";
import { openHost } from "./bench/host-network.mjs";
import { openModels } from "./bench/modelled-network.mjs";
import { baselineLines } from "./bench/network-baseline.mjs";
import { countLines, hostLines, hostSummary, modelLines } from "./bench/network-lines.mjs";
import { readRows, writeRows } from "./bench/network-rows.mjs";
import { summaryLines } from "./bench/network-summary.mjs";
import { writeNetworksTable } from "./readme-networks.mjs";

/** Those the peers have, then groupings that they were counted on, and the rest of the zoo. */
const MODELS = [
  ...["mobilenet-v1", "mobilenet-v2", "mobilenet-v3", "squeezenet1.1", "shufflenet-v1", "shufflenet-v2"],
  ...["mnasnet1.0", "googlenet", "regnety-400mf", "resnet18", "efficientnet-b0", "proxylessnas"],
  ...["resnet50", "resnext50", "mobilenet-v1-G4", "resnet34", "resnet34-g16", "wrn-40-2", "wrn-40-2-g4"],
].map((name) => `zoo:${name}`);
const BOARDS = ["qemu-rpi3", "qemu-rpi4", "qemu-rpi5"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cycles: { type: "boolean", default: false },
    counts: { type: "boolean", default: false },
    host: { type: "boolean", default: false },
    layers: { type: "string", default: "8" },
    board: { type: "string", multiple: true, default: BOARDS },
    /** Whose instructions are counted. */
    target: { type: "string", default: "qemu-rpi4" },
    json: { type: "string", default: process.env.OUT || "" },
    from: { type: "string", default: "" },
    baseline: { type: "string", default: process.env.BASELINE || "" },
    readme: { type: "boolean", default: false },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const stop = new AbortController();
process.once("SIGINT", () => {
  say("interrupted: cleaning up");
  stop.abort();
});
const print = (lines) => lines.forEach((line) => console.log(line));

/** What is asked for of each network, printed as it is found; one that cannot be had is told, and the rest goes on. */
async function measureAll(models, folder) {
  const cycles = values.cycles || !(values.counts || values.host);
  const host = values.host ? openHost(folder) : undefined;
  const counts = values.counts ? await openCounts(folder, loadTarget(values.target)) : undefined;
  const modelled = cycles
    ? openModels(folder, values.board.map(loadTarget), models, stop.signal, say)
    : undefined;
  if (host !== undefined) print([host.note]);
  const rows = [];
  for (const name of models) {
    try {
      const row = { name, ...(await modelled?.(name)) };
      if (modelled) print(modelLines(row, Number(values.layers)));
      if (counts) print(countLines(Object.assign(row, await counts(name))));
      if (host) print(hostLines(Object.assign(row, await host.measure(name))));
      rows.push(row);
    } catch (error) {
      if (stop.signal.aborted) break;
      process.exitCode = 1;
      say(`${name} failed: ${error.diagnostic ? renderDiagnostic(error.diagnostic) : error.stack}`);
    }
    // What took minutes is kept even if what comes next fails.
    if (values.json !== "") writeRows(values.json, rows);
  }
  return rows;
}

/** What was found before, in the order asked for. */
function remembered() {
  const rows = readRows(values.from).filter(
    ({ name }) => positionals.length === 0 || positionals.includes(name),
  );
  for (const row of rows) {
    if (row.cores) print(modelLines(row, Number(values.layers)));
    if (row.instructions) print(countLines(row));
    if (row.host_us) print(hostLines(row));
  }
  return rows;
}

const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
try {
  const models = positionals.length > 0 ? positionals : MODELS;
  const rows = values.from === "" ? await measureAll(models, folder) : remembered();
  print(hostSummary(rows));
  print(summaryLines(rows));
  if (values.baseline !== "") print(baselineLines(readRows(values.baseline), rows));
  if (values.readme) writeNetworksTable(rows);
  if (stop.signal.aborted) process.exitCode = 130;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
