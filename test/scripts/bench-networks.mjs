// Executed aarch64 instructions of one run of whole networks, and where they go.
//
//   node test/scripts/bench-networks.mjs [--layers] [--target TARGET] [MODEL ...]
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundle } from "../../dist/build/compile-bundle.js";
import { buildCountingPlugin } from "../../dist/build/qemu-plugin.js";
import { compileNetwork } from "../../dist/driver/compile-network.js";
import { writeBundle } from "../../dist/driver/emit-bundle-write.js";
import { loadModel } from "../../dist/frontend/load-model.js";
import { loadTarget } from "../../dist/target/load.js";
import { countSteps } from "./step-job.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { layers: { type: "boolean", default: false }, target: { type: "string", default: "qemu-rpi4" } },
});
const models = positionals.length > 0 ? positionals : ["zoo:mobilenet-v1", "zoo:resnext50"];
const peers = JSON.parse(readFileSync("test/bench/peers.json", "utf8")).networks;
const peerName = { "zoo:mobilenet-v1": "mobilenetv1", "zoo:resnext50": "resnext50_32x4d" };
const target = loadTarget(values.target);
const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
const plugin = await buildCountingPlugin();

const millions = (n) => (n / 1e6).toFixed(1).padStart(9);
try {
  for (const model of models) {
    const graph = await loadModel(model);
    const { plan, kernels, files } = await compileNetwork(graph, target, {
      meta: { modelSha256: "0".repeat(64) },
    });
    const bundle = join(folder, model.replace(/\W/g, "_"));
    await writeBundle(files, bundle);
    const { program } = await buildBundle(bundle, target, {});
    const last = plan.steps.length - 1;
    const total = await countSteps(target, program, 0, last, plugin);
    const macs = kernels.reduce((sum, kernel) => sum + kernel.macs, 0);
    console.log(
      `${model}: ${millions(total)} M instructions, ${(total / macs).toFixed(3)} per MAC (${millions(macs)} M)`,
    );
    const theirs = peers.find((peer) => peer.name === peerName[model])?.instructions ?? {};
    for (const [peer, n] of Object.entries(theirs))
      console.log(`  ${peer.padEnd(12)} ${millions(n)} M, ${(n / total).toFixed(2)}x ours`);
    if (!values.layers) continue;
    for (const [i, step] of plan.steps.entries()) {
      const n = await countSteps(target, program, i, i, plugin);
      const { macs: work, schedule, choice } = kernels[i];
      const perMac = work > 0 ? (n / work).toFixed(3) : "";
      console.log(
        `  ${millions(n)} ${perMac.padStart(6)} ${step.name.padEnd(34)} ${step.task.op} ${schedule}: ${choice}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
