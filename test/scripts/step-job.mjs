import { countInstructions } from "../../dist/device/icount.js";
import { emulatorOf } from "../../dist/machine/load.js";

/** Steps `first` to `last` of a compiled network, `repeats` times under qemu-user with a plugin. */
export function stepJob(target, program, first, last, repeats, plugin) {
  const steps = ["bench", "--layer", `${first}-${last}`];
  return {
    plugin,
    emulator: emulatorOf(target),
    cpu: target.core.mcpu,
    program,
    args: [...steps, "--warmup", "1", "--repeats", String(repeats), "--threads", "1"],
    timeoutSeconds: 600,
  };
}

/** Executed instructions of these steps, once: what a second repetition adds. */
export async function countSteps(target, program, first, last, plugin) {
  const run = (repeats) => countInstructions(stepJob(target, program, first, last, repeats, plugin));
  return (await run(2)) - (await run(1));
}
