// Each layer: executed aarch64 instructions and modelled cycles beside the peers', and natively our time beside ONNX Runtime's.
//
//   node test/scripts/bench-kernels.mjs [--workloads FILE] [--out FILE] [--target TARGET] [--readme] [NAME ...]
//
// A layer is measured as a network runs it: input and output in the layout the network uses, the border of its input
// filled in, weights packed. Instructions and cycles: a run of two repetitions less a run of one, under qemu-user.
// A layer of FILE may say what ncnn's takes, `ncnn_instructions`; summaries count it as a peer's.
// Natively (bench/host-layer.mjs): the two in turns, one thread each, the best run of a turn, the median of the turns' ratios.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { loadTarget } from "../../dist/machine/load.js";
import { makeRng } from "../../dist/support/rng.js";
import { openAarch64 } from "./bench/aarch64-layer.mjs";
import { openHost } from "./bench/host-layer.mjs";
import { summary, tableHead, tableLine } from "./bench/kernel-table.mjs";
import { readWorkloads } from "./bench/read-workloads.mjs";
import { risesLines } from "./bench/rises.mjs";
import { layerGraph } from "./layer-graph.mjs";
import { writeReadmeTable } from "./readme-table.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workloads: { type: "string", default: process.env.WORKLOADS || "test/bench/workloads.json" },
    out: { type: "string", default: process.env.OUT || "" },
    target: { type: "string", default: "qemu-rpi4" },
    /** Writes the README's table anew. */
    readme: { type: "boolean", default: false },
  },
});
const target = loadTarget(values.target);
const layers = readWorkloads(values.workloads).filter(
  (layer) => positionals.length === 0 || positionals.some((name) => layer.name.includes(name)),
);
const peers = new Map(
  JSON.parse(readFileSync("test/bench/peers.json", "utf8")).layers.map((l) => [l.name, l.instructions]),
);
/** What a file of layers says of itself, where test/bench/peers.json knows nothing. */
const ownPeers = ({ ncnn_instructions: ncnn_packed }) => (ncnn_packed === undefined ? {} : { ncnn_packed });
const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
const rows = [];
let cores = [];
try {
  const aarch64 = await openAarch64(folder, target);
  cores = aarch64.cores;
  const host = await openHost(folder);
  console.log(`executed instructions (millions), ${target.name}, one thread, ${target.core.mcpu}`);
  console.log(
    "cycles (millions) of modelled cores, and percent of the multiply-accumulates they could do in them",
  );
  console.log(host.note);
  console.log(tableHead(cores));
  for (const layer of layers) {
    const graph = layerGraph(layer, makeRng(1));
    const counted = await aarch64.measure(layer, graph);
    const row = {
      name: layer.name,
      macs: layer.macs,
      groups: layer.groups,
      group_size: layer.ic / layer.groups,
      ...counted,
      per_mac: counted.instructions / layer.macs,
      ...(await host.measure(layer, graph)),
      peers: peers.get(layer.name) ?? ownPeers(layer),
    };
    rows.push(row);
    console.log(tableLine(row, cores));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const line of [...summary(rows), ...risesLines(layers, rows, cores)]) console.log(line);
if (values.readme) writeReadmeTable(layers, rows);
if (values.out !== "") {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(rows, null, 1)}\n`);
}
