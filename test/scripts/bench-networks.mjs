// Whole networks: executed aarch64 instructions beside the peers', and natively our time beside ONNX Runtime's.
//
//   node test/scripts/bench-networks.mjs [--counts | --host] [--layers] [--target TARGET] [--out FILE] [MODEL ...]
//
// --counts and --host measure only the one or the other; --layers lists where the instructions go.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildCountingPlugin } from "../../dist/build/qemu-plugin.js";
import { loadModel } from "../../dist/frontend/load-model.js";
import { emulatorOf, loadTarget } from "../../dist/target/load.js";
import { compileWhole } from "./bench/compile-whole.mjs";
import { openHost } from "./bench/host-network.mjs";
import { countSteps } from "./step-job.mjs";

/** The zoo, and its groupings that peers were counted on. */
const MODELS = [
  ...["zoo:mobilenet-v1", "zoo:mobilenet-v1-G4", "zoo:resnext50", "zoo:resnet34", "zoo:resnet34-g16"],
  ...["zoo:shufflenet-v1", "zoo:wrn-40-2", "zoo:wrn-40-2-g4"],
];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    counts: { type: "boolean", default: false },
    host: { type: "boolean", default: false },
    layers: { type: "boolean", default: false },
    target: { type: "string", default: "qemu-rpi4" },
    out: { type: "string", default: process.env.OUT || "" },
  },
});
const models = positionals.length > 0 ? positionals : MODELS;
const peers = JSON.parse(readFileSync("test/bench/peers.json", "utf8")).networks;
const target = loadTarget(values.target);
const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
const plugin = await buildCountingPlugin(emulatorOf(target));
const host = values.counts ? undefined : openHost(folder);

const millions = (n) => (n / 1e6).toFixed(1).padStart(9);
const millis = (us) => `${(us / 1000).toFixed(2)} ms`;

/** Executed instructions of one inference, printed beside the peers'. */
async function countNetwork(model) {
  const { plan, kernels, program } = await compileWhole(
    join(folder, model.replace(/\W/g, "_")),
    await loadModel(model),
    target,
  );
  const instructions = await countSteps(target, program, 0, plan.steps.length - 1, plugin);
  const macs = plan.steps.reduce((sum, step) => sum + (step.macs ?? 0), 0);
  console.log(
    `${model}: ${millions(instructions)} M instructions, ${(instructions / macs).toFixed(3)} per MAC (${millions(macs)} M)`,
  );
  const theirs = peers.find((peer) => peer.network === model)?.instructions ?? {};
  for (const [peer, n] of Object.entries(theirs))
    console.log(`  ${peer.padEnd(12)} ${millions(n)} M, ${(n / instructions).toFixed(2)}x ours`);
  if (values.layers) await countLayers(plan, kernels, program);
  return { macs, instructions, peers: theirs };
}

async function countLayers(plan, kernels, program) {
  for (const [i, step] of plan.steps.entries()) {
    const n = await countSteps(target, program, i, i, plugin);
    const { macs, schedule, choice } = kernels[i];
    const perMac = macs > 0 ? (n / macs).toFixed(3) : "";
    console.log(
      `  ${millions(n)} ${perMac.padStart(6)} ${step.name.padEnd(34)} ${step.task.op} ${schedule}: ${choice}`,
    );
  }
}

/** Times here, printed. */
async function timeNetwork(model) {
  const times = await host.measure(model);
  const theirs =
    times.host_ratio === undefined
      ? ""
      : `, ONNX Runtime ${millis(times.onnxruntime_us)}: ${times.host_ratio.toFixed(2)}x ours; error ${times.max_rel_error.toExponential(0)}`;
  console.log(`${model}: host ${millis(times.host_us)}${theirs}`);
  console.log(
    `  2 threads    ${millis(times.host_2_threads_us)}, ${times.threads_ratio.toFixed(2)}x as fast as one`,
  );
  return times;
}

const rows = [];
try {
  if (!values.host) console.log(`executed instructions (millions), ${target.name}, one thread`);
  if (host !== undefined) console.log(host.note);
  for (const name of models) {
    const counted = values.host ? {} : await countNetwork(name);
    const timed = host === undefined ? {} : await timeNetwork(name);
    rows.push({ name, ...counted, ...timed });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const timed = rows.filter((row) => row.host_ratio !== undefined);
if (timed.length > 0) {
  const slower = timed.filter((row) => row.host_ratio < 1).map((row) => row.name);
  console.log(`host: slower than ONNX Runtime: ${slower.join(", ") || "none"} (of ${timed.length})`);
}
if (values.out !== "") {
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(rows, null, 1)}\n`);
}
