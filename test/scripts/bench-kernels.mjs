// Executed aarch64 instructions of one run of each layer: ours, each peer's, and the ratio.
//
//   node test/scripts/bench-kernels.mjs [--workloads FILE] [--out FILE] [--target TARGET] [--cycles] [--readme] [NAME ...]
//
// A layer is counted as a network runs it: input and output in the layout the network uses, the border of
// its input filled in, weights packed. count = run of two repetitions less a run of one, under qemu-user.
// --cycles adds the cycles that modelled cores take for each layer, and what percentage of the core's peak that is.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundle } from "../../dist/build/compile-bundle.js";
import { buildCountingPlugin, buildCyclesPlugin } from "../../dist/build/qemu-plugin.js";
import { cyclesBetween, modelCycles } from "../../dist/device/model-cycles.js";
import { compileNetwork } from "../../dist/driver/compile-network.js";
import { writeBundle } from "../../dist/driver/emit-bundle-write.js";
import { makeRng } from "../../dist/support/rng.js";
import { loadTarget } from "../../dist/target/load.js";
import { layerGraph } from "./layer-graph.mjs";
import { writeReadmeTable } from "./readme-table.mjs";
import { countSteps, stepJob } from "./step-job.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workloads: { type: "string", default: process.env.WORKLOADS || "test/bench/workloads.json" },
    out: { type: "string", default: process.env.OUT || "" },
    target: { type: "string", default: "qemu-rpi4" },
    /** Models cycles too: about five times as long. */
    cycles: { type: "boolean", default: false },
    /** Writes the README's table anew. */
    readme: { type: "boolean", default: false },
  },
});
const target = loadTarget(values.target);
const layers = JSON.parse(readFileSync(values.workloads, "utf8")).filter(
  (layer) => positionals.length === 0 || positionals.some((name) => layer.name.includes(name)),
);
const peers = new Map(
  JSON.parse(readFileSync("test/bench/peers.json", "utf8")).layers.map((l) => [l.name, l.instructions]),
);
const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
const plugin = await buildCountingPlugin();
const cyclesPlugin = values.cycles ? await buildCyclesPlugin() : "";
// Boards whose core's cycles are modelled; all run the code compiled for `target`.
const modelled = values.cycles
  ? ["qemu-rpi3", "qemu-rpi4", "qemu-rpi5"].map((board) => loadTarget(board).core)
  : [];

/** Cycles of these steps on each modelled core, once, with warm caches. */
async function model(program, first, last) {
  const cycles = {};
  for (const core of modelled) {
    const run = (repeats) =>
      modelCycles({ ...stepJob(target, program, first, last, repeats, cyclesPlugin), core });
    cycles[core.name] = cyclesBetween(await run(1), await run(2)).cycles;
  }
  return cycles;
}

async function measure(layer, rng) {
  const graph = layerGraph(layer, rng);
  const { plan, kernels, files } = await compileNetwork(graph, target, {
    meta: { modelSha256: "0".repeat(64) },
  });
  const bundle = join(folder, layer.name);
  await writeBundle(files, bundle);
  const { program } = await buildBundle(bundle, target, {});
  const conv = kernels.findIndex((kernel) => kernel.macs > 0);
  const before = plan.steps[conv - 1]?.task.op === "fill-halo" ? conv - 1 : conv;
  const instructions = await countSteps(target, program, before, conv, plugin);
  const modelled_cycles = await model(program, before, conv);
  const pack = before < conv ? await countSteps(target, program, before, before, plugin) : 0;
  const kernel = kernels[conv];
  return {
    name: layer.name,
    macs: layer.macs,
    schedule: kernel.schedule,
    choice: kernel.choice,
    instructions,
    pack_instructions: pack,
    ...(values.cycles && { modelled_cycles }),
  };
}

const short = (n) => (n === undefined ? "-" : (n / 1e6).toFixed(2)).padStart(8);
/** Percent of the multiply-accumulates the core could do in these cycles. */
const peak = (macs, core, cycles) => ((100 * macs) / (cycles * 4 * core.fmaPerCycle)).toFixed(0);
const columns = ["onnxruntime", "xnnpack", "ncnn_packed", "pytorch", "tvm_gspc_tuned"];
const head = [
  "layer".padEnd(22),
  "MACs/M".padStart(8),
  "ours/M".padStart(8),
  "per MAC",
  ...columns.map((c) => c.slice(0, 8).padStart(8)),
  "ORT/ours",
  "best/ours",
  ...modelled.map(({ name }) => `${name.replace("cortex-", "")} M/%`.padStart(10)),
  "schedule",
];
console.log(`executed instructions (millions), ${target.name}, one thread, ${target.core.mcpu}`);
console.log(head.join("  "));
const results = [];
let atMostOrt = 0;
try {
  for (const layer of layers) {
    const ours = await measure(layer, makeRng(1));
    const theirs = peers.get(layer.name) ?? {};
    const fewest = Math.min(...Object.values(theirs));
    const ratio = theirs.onnxruntime / ours.instructions;
    if (ratio >= 1) atMostOrt++;
    const { groups, ic } = layer;
    results.push({
      ...ours,
      groups,
      group_size: ic / groups,
      per_mac: ours.instructions / layer.macs,
      peers: theirs,
    });
    console.log(
      [
        layer.name.padEnd(22),
        short(layer.macs),
        short(ours.instructions),
        (ours.instructions / layer.macs).toFixed(3).padStart(7),
        ...columns.map((c) => short(theirs[c])),
        ratio.toFixed(2).padStart(8),
        (fewest / ours.instructions).toFixed(2).padStart(9),
        ...modelled.map((core) => {
          const cycles = ours.modelled_cycles[core.name];
          return `${(cycles / 1e6).toFixed(2)} ${peak(ours.macs, core, cycles).padStart(2)}%`.padStart(10);
        }),
        `${ours.schedule}: ${ours.choice}`,
      ].join("  "),
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const geometricMean = (rows, ratio) =>
  Math.exp(rows.reduce((sum, row) => sum + Math.log(ratio(row)), 0) / rows.length).toFixed(2);
const best = ({ peers: theirs, instructions }) => Math.min(...Object.values(theirs)) / instructions;
const known = results.filter(({ peers: theirs }) => Object.keys(theirs).length > 0);
const grouped = known.filter(({ groups }) => groups > 1);
const size = (wanted) => grouped.filter(({ group_size }) => wanted.includes(group_size));
const summary = [
  [
    `${atMostOrt} of ${known.length} layers need at most ONNX Runtime's instructions; fewer by (geometric mean)`,
    known,
    (r) => r.peers.onnxruntime / r.instructions,
  ],
  [
    `${known.filter((r) => best(r) >= 1).length} of ${known.length} layers need at most the best peer's; grouped layers: fewer than the best peer of each by`,
    grouped,
    best,
  ],
  ["groups of 2 and 4 channels: fewer than the best peer by", size([2, 4]), best],
  [
    "grouped layers: fewer than TVM's GSPC, tuned, by",
    grouped,
    (r) => r.peers.tvm_gspc_tuned / r.instructions,
  ],
  [
    "grouped layers: fewer than TVM's GSPC, untuned, by",
    grouped,
    (r) => r.peers.tvm_gspc_default / r.instructions,
  ],
];
for (const [text, rows, ratio] of summary) {
  if (rows.length > 0) console.log(`${text} ${geometricMean(rows, ratio)}x`);
}
if (values.readme) writeReadmeTable(layers, results);
if (values.out !== "") {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(results, null, 1)}\n`);
}
