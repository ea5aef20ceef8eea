// Executed aarch64 instructions of one run of whole networks, and where they go.
//
//   node test/scripts/bench-networks.mjs [--layers] [--target TARGET] [MODEL ...]
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildBundle } from "../../dist/build/compile-bundle.js";
import { buildCountingPlugin } from "../../dist/build/qemu-plugin.js";
import { countInstructions } from "../../dist/device/icount.js";
import { compileNetwork } from "../../dist/driver/compile-network.js";
import { writeBundle } from "../../dist/driver/emit-bundle-write.js";
import { loadModel } from "../../dist/frontend/load-model.js";
import { loadTarget } from "../../dist/target/load.js";

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

async function count(program, first, last) {
  const run = (repeats) =>
    countInstructions({
      plugin,
      cpu: target.core.mcpu,
      program,
      args: [
        "bench",
        "--layer",
        `${first}-${last}`,
        "--warmup",
        "0",
        "--repeats",
        String(repeats),
        "--threads",
        "1",
      ],
      timeoutSeconds: 600,
    });
  return (await run(2)) - (await run(1));
}

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
    const total = await count(program, 0, last);
    const macs = kernels.reduce((sum, kernel) => sum + kernel.macs, 0);
    console.log(
      `${model}: ${millions(total)} M instructions, ${(total / macs).toFixed(3)} per MAC (${millions(macs)} M)`,
    );
    const theirs = peers.find((peer) => peer.name === peerName[model])?.instructions ?? {};
    for (const [peer, n] of Object.entries(theirs))
      console.log(`  ${peer.padEnd(12)} ${millions(n)} M, ${(n / total).toFixed(2)}x ours`);
    if (!values.layers) continue;
    for (const [i, step] of plan.steps.entries()) {
      const n = await count(program, i, i);
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
