// Whether time falls as groups double: ResNet34's four 3x3 layers with 1, 2, 4, ... groups, channels unchanged.
//
//   node test/scripts/sweep-groups.mjs [--target TARGET] [--out FILE] [NAME ...]
//
// Prints executed instructions and the cycles of modelled cores, caches and memory included, for one run of each
// layer as a network runs it, and for each core where a layer takes longer than with half the groups.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundle } from "../../dist/build/compile-bundle.js";
import { buildCyclesPlugin } from "../../dist/build/qemu-plugin.js";
import { cyclesBetween, modelCycles } from "../../dist/device/model-cycles.js";
import { compileNetwork } from "../../dist/driver/compile-network.js";
import { writeBundle } from "../../dist/driver/emit-bundle-write.js";
import { makeRng } from "../../dist/support/rng.js";
import { loadTarget } from "../../dist/target/load.js";
import { layerGraph } from "./layer-graph.mjs";
import { stepJob } from "./step-job.mjs";

/** Channels and size of the map. */
const SHAPES = [
  [64, 56],
  [128, 28],
  [256, 14],
  [512, 7],
];
/** All run the code compiled for one target. */
const CORES = ["qemu-rpi3", "qemu-rpi4", "qemu-rpi5"].map((board) => loadTarget(board).core);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string", default: "qemu-rpi4" }, out: { type: "string", default: "" } },
});
const target = loadTarget(values.target);

function layers([channels, size]) {
  const doublings = Array.from({ length: Math.log2(channels) + 1 }, (_, i) => 2 ** i);
  return doublings.map((groups) => ({
    ...{ name: `resnet34_${channels}_g${groups}`, n: 1, ic: channels, oc: channels, groups },
    ...{ ih: size, iw: size, oh: size, ow: size, kh: 3, kw: 3, stride: 1, pad: 1, dilation: 1 },
  }));
}

async function measure(layer, folder, plugin) {
  const graph = layerGraph(layer, makeRng(1));
  const { plan, kernels, files } = await compileNetwork(graph, target, {
    meta: { modelSha256: "0".repeat(64) },
  });
  const bundle = join(folder, layer.name);
  await writeBundle(files, bundle);
  const { program } = await buildBundle(bundle, target, {});
  const conv = kernels.findIndex((kernel) => kernel.macs > 0);
  const first = plan.steps[conv - 1]?.task.op === "fill-halo" ? conv - 1 : conv;
  const cycles = {};
  let instructions = 0;
  for (const core of CORES) {
    const run = (repeats) => modelCycles({ ...stepJob(target, program, first, conv, repeats, plugin), core });
    const once = cyclesBetween(await run(1), await run(2));
    cycles[core.name] = once.cycles;
    instructions = once.instructions;
  }
  const { schedule, choice } = kernels[conv];
  return { name: layer.name, groups: layer.groups, instructions, cycles, schedule, choice };
}

const millions = (n) => (n / 1e6).toFixed(3).padStart(9);
const folder = mkdtempSync(join(tmpdir(), "tilewright-sweep-"));
const plugin = await buildCyclesPlugin();
const all = [];
const rises = [];
console.log(
  ["layer".padEnd(18), " instr./M", ...CORES.map(({ name }) => `${name}/M`), "schedule"].join("  "),
);
try {
  for (const shape of SHAPES) {
    let half;
    for (const layer of layers(shape)) {
      if (positionals.length > 0 && !positionals.some((name) => layer.name.includes(name))) continue;
      const row = await measure(layer, folder, plugin);
      all.push(row);
      console.log(
        [
          row.name.padEnd(18),
          millions(row.instructions),
          ...CORES.map(({ name }) => millions(row.cycles[name]).padStart(name.length + 2)),
          `${row.schedule}: ${row.choice}`,
        ].join("  "),
      );
      for (const { name } of half?.groups * 2 === row.groups ? CORES : []) {
        const ratio = row.cycles[name] / half.cycles[name];
        if (ratio > 1) rises.push({ core: name, from: half.name, to: row.name, ratio });
      }
      half = row;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const { name } of CORES) {
  const mine = rises.filter(({ core }) => core === name);
  const list = mine.map(({ from, to, ratio }) => `${from} to ${to} ${((ratio - 1) * 100).toFixed(1)} %`);
  console.log(`${name}: time ${mine.length === 0 ? "never rises" : `rises: ${list.join(", ")}`}`);
}
if (values.out !== "") {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify({ layers: all, rises }, null, 1)}\n`);
}
