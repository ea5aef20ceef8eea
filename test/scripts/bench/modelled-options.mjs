// The options of layers on modelled cores: what they are estimated to take and what they take.
import pLimit from "p-limit";
import { openCoreModel } from "../../../dist/driver/decide/model-kernel.js";
import { compileTask } from "../../../dist/task/compile-task.js";
import { estimateTask } from "./estimate-tasks.mjs";
import { triedOptions } from "./estimated-options.mjs";
import { remembered } from "./remembered-row.mjs";

/** Runs under qemu at a time. */
const JOBS = 2;
/** What takes longer was not known already. */
const KNOWN_MS = 1000;
/** Scripts that a row depends on. */
const SCRIPTS = ["estimate-tasks.mjs", "estimated-options.mjs", "modelled-options.mjs"];

/** A row for each layer and target, in this order. `say` hears of progress. */
export async function modelledOptions(layers, targets, signal, say) {
  const limit = pLimit(JOBS);
  const total = layers.length * targets.length;
  let done = 0;
  const one = async (layer, target, cycles) => {
    const began = performance.now();
    const row = await remembered({ kind: "estimates", question: { layer }, scripts: SCRIPTS }, target, () =>
      modelOne(layer, target, (kernel) => limit(() => cycles(kernel, signal))),
    );
    done++;
    const took = performance.now() - began;
    if (took > KNOWN_MS) say(`${layer.name} on ${target.core.name}, ${done} of ${total}`);
    return row;
  };
  // two layers at a time: one is compiled while the other runs
  const pending = pLimit(JOBS);
  const models = await Promise.all(targets.map((target) => openCoreModel(target)));
  const rows = targets.flatMap((target, i) =>
    layers.map((layer) => pending(() => one(layer, target, models[i]))),
  );
  // those under way end before the first failure is told
  await Promise.allSettled(rows);
  return Promise.all(rows);
}

/** What is run of a layer: its task, the schedule that is preferred, and the options of that with their estimates. */
export function optionsOf(layer, target) {
  const task = estimateTask(layer, target);
  const { schedule } = compileTask(task, target);
  return { task, schedule, tried: triedOptions(task, schedule, target) };
}

async function modelOne(layer, target, cycles) {
  const { task, schedule, tried } = optionsOf(layer, target);
  const options = tried.map(async (option) => ({
    ...option,
    modelled: await cycles(compileTask(task, target, { choices: option.choices })),
  }));
  return {
    ...{ layer: layer.name, target: target.name, core: target.core.name, schedule },
    options: await Promise.all(options),
  };
}
