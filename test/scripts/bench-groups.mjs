// Whether time falls as groups double: ResNet34's four 3x3 layers with 1, 2, 4, ... groups, channels unchanged.
//
//   node test/scripts/bench-groups.mjs [--target TARGET] [--out FILE] [NAME ...]
//
// Prints executed instructions and the cycles of modelled cores, caches and memory included, for one run of each
// layer as a network runs it, and for each core where a layer takes longer than with half the groups.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { loadTarget } from "../../dist/machine/load.js";
import { makeRng } from "../../dist/support/rng.js";
import { openAarch64 } from "./bench/aarch64-layer.mjs";
import { risesLines } from "./bench/rises.mjs";
import { layerGraph } from "./layer-graph.mjs";

/** Channels and size of the map. */
const SHAPES = [
  [64, 56],
  [128, 28],
  [256, 14],
  [512, 7],
];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string", default: "qemu-rpi4" }, out: { type: "string", default: "" } },
});

function doublings([channels, size]) {
  return Array.from({ length: Math.log2(channels) + 1 }, (_, i) => ({
    ...{ name: `resnet34_${channels}_g${2 ** i}`, n: 1, ic: channels, oc: channels, groups: 2 ** i },
    ...{ ih: size, iw: size, oh: size, ow: size, kh: 3, kw: 3, stride: 1, pad: 1, dilation: 1 },
  }));
}

const layers = SHAPES.flatMap(doublings).filter(
  (layer) => positionals.length === 0 || positionals.some((name) => layer.name.includes(name)),
);
const millions = (n, width) => (n / 1e6).toFixed(3).padStart(width);
const folder = mkdtempSync(join(tmpdir(), "tilewright-sweep-"));
const rows = [];
try {
  const { cores, measure } = await openAarch64(folder, loadTarget(values.target));
  console.log(
    ["layer".padEnd(18), "instr./M", ...cores.map(({ name }) => `${name}/M`), "schedule"].join("  "),
  );
  for (const layer of layers) {
    const row = { name: layer.name, ...(await measure(layer, layerGraph(layer, makeRng(1)))) };
    rows.push(row);
    const cycles = cores.map(({ name }) => millions(row.modelled_cycles[name], name.length + 2));
    const { instructions, schedule, choice } = row;
    console.log(
      [row.name.padEnd(18), millions(instructions, 8), ...cycles, `${schedule}: ${choice}`].join("  "),
    );
  }
  for (const line of risesLines(layers, rows, cores)) console.log(line);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.out !== "") {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(rows, null, 1)}\n`);
}
