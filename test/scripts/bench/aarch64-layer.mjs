// A layer under qemu-user: executed instructions and modelled cycles. Both are exact and the same on every machine.
import { join } from "node:path";
import { cyclesBetween, modelCycles } from "../../../dist/device/model-cycles.js";
import { emulatorOf, loadTarget } from "../../../dist/machine/load.js";
import { buildCountingPlugin, buildCyclesPlugin } from "../../../dist/toolchain/qemu-plugin.js";
import { countSteps, stepJob } from "../step-job.mjs";
import { compileLayer } from "./compile-layer.mjs";
import { countGspc } from "./gspc-layer.mjs";

/** Boards whose cores are modelled; all run the code compiled for one target. */
const MODELLED = ["qemu-rpi3", "qemu-rpi4", "qemu-rpi5"];

/** `measure(layer, graph)` for each layer, and the modelled cores. */
export async function openAarch64(folder, target) {
  const emulator = emulatorOf(target);
  const plugins = { count: await buildCountingPlugin(emulator), cycles: await buildCyclesPlugin(emulator) };
  const cores = MODELLED.map((board) => loadTarget(board).core);
  const measure = (layer, graph) => measureLayer(folder, target, layer, graph, plugins, cores);
  return { cores, measure };
}

async function measureLayer(folder, target, layer, graph, plugins, cores) {
  const { program, kernel, first, main, last } = await compileLayer(
    join(folder, layer.name),
    layer,
    graph,
    target,
  );
  const count = (from, to) => (from > to ? 0 : countSteps(target, program, from, to, plugins.count));
  return {
    schedule: kernel.schedule,
    choice: kernel.choice,
    instructions: await count(first, last),
    pack_instructions: await count(first, main - 1),
    modelled_cycles: await model(stepJobs(target, program, first, last, plugins.cycles), cores),
    gspc_instructions: await countGspc(folder, target, layer, plugins.count),
    scratch_bytes: kernel.scratchBytes,
  };
}

function stepJobs(target, program, first, last, plugin) {
  return (repeats) => stepJob(target, program, first, last, repeats, plugin);
}

/** Cycles of one run on each core, with warm caches. */
async function model(job, cores) {
  const cycles = {};
  for (const core of cores) {
    const run = (repeats) => modelCycles({ ...job(repeats), core });
    const [once, twice] = await Promise.all([run(1), run(2)]);
    cycles[core.name] = cyclesBetween(once, twice).cycles;
  }
  return cycles;
}
