// Executed instructions of whole networks, and of their layers.
import { join } from "node:path";
import { loadModel } from "../../../dist/frontend/load-model.js";
import { emulatorOf } from "../../../dist/machine/load.js";
import { buildCountingPlugin } from "../../../dist/toolchain/qemu-plugin.js";
import { countSteps } from "../step-job.mjs";
import { compileWhole } from "./compile-whole.mjs";
import { peerInstructions } from "./network-peers.mjs";

/** `counts(model)`: executed instructions of one inference, and the peers'. */
export async function openCounts(folder, target) {
  const plugin = await buildCountingPlugin(emulatorOf(target));
  return async (model) => {
    const bundle = join(folder, `counted-${model.replace(/\W/g, "_")}`);
    const { plan, program } = await compileWhole(bundle, await loadModel(model), target);
    const instructions = await countSteps(target, program, 0, plan.steps.length - 1, plugin);
    const macs = plan.steps.reduce((sum, step) => sum + (step.macs ?? 0), 0);
    return { macs, instructions, counted_on: target.core.mcpu, peers: peerInstructions(model) };
  };
}
