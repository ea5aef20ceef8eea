// What the compiler itself takes: whole networks for a Raspberry Pi 4, everything cold, then warm; how that grows with the nodes of a
// network; and `tilewright --help`.
//
//   node test/scripts/bench-compiler.mjs
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

const TARGET = "rpi4";
/** Seconds to C, of CPU in C compilers, C files. */
const NETWORKS = [
  { name: "resnext50", toC: 12, cc: 40, files: 60 },
  { name: "resnet34", toC: 12, cc: 40, files: 60 },
  { name: "densenet201", toC: 12, cc: 60, files: 250 },
];
const KINDS = ["chain", "residual", "shuffled", "dense"];
/** Nodes of a large network and a small one, and how much longer a node may take in the large one. */
const [LARGE, SMALL, LONGER] = [5000, 500, 1.5];
const failures = [];

function say(what, value, unit, limit) {
  const ok = value <= limit;
  if (!ok) failures.push(what);
  const shown = Number.isInteger(value) ? String(value) : value.toFixed(2);
  console.log(
    `${what.padEnd(46)} ${shown.padStart(8)} ${unit.padEnd(3)}  limit ${limit} ${unit}`.trimEnd() +
      (ok ? "" : "   TOO MUCH"),
  );
}

function node(...args) {
  return execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

function compileNetworkOf({ name, toC, cc, files }) {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
  try {
    const model = join(folder, `${name}.onnx`);
    spawnSync(process.execPath, ["dist/cli/main.js", "zoo", "export", name, "-o", model]);
    const cost = JSON.parse(node("test/scripts/bench/compile-cost.mjs", model, TARGET, folder));
    say(`${name}: to C (TypeScript)`, cost.toC, "s", toC);
    say(`${name}: C compilers, CPU`, cost.cc, "s", cc);
    say(`${name}: C files of kernels`, cost.files, "", files);
    say(`${name}: all of it again`, cost.warm, "s", toC);
    say(`${name}: memory`, Math.round(cost.megabytes), "MB", Math.round(300 + 3 * cost.modelMegabytes));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beyond what a network of a few nodes takes. */
function growth(kind) {
  const seconds = (nodes) =>
    JSON.parse(node("test/scripts/bench/growing-networks.mjs", kind, String(nodes))).seconds;
  const [least, small, large] = [50, SMALL, LARGE].map(seconds);
  const perNode = (total, nodes) => (1000 * Math.max(total - least, 0)) / (nodes - 50);
  const limit = LONGER * Math.max(perNode(small, SMALL), 1);
  say(`${kind} of ${LARGE} nodes: CPU of each`, perNode(large, LARGE), "ms", Number(limit.toFixed(2)));
}

console.log(`for ${TARGET}, ${availableParallelism()} C compilers at a time, Node ${process.version}`);
for (const network of NETWORKS) compileNetworkOf(network);
for (const kind of KINDS) growth(kind);
const help = [];
for (let i = 0; i < 7; i++) {
  const began = performance.now();
  spawnSync(process.execPath, ["dist/cli/main.js", "--help"]);
  help.push(performance.now() - began);
}
say("tilewright --help (median of 7)", help.sort((a, b) => a - b)[3], "ms", 300);
if (failures.length > 0) {
  console.error(`over the limit: ${failures.join(", ")}`);
  process.exitCode = 1;
}
