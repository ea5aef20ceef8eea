import { compileWhole } from "./compile-whole.mjs";

/** Most channels of a network's input: a layer with no more is taken to be a network's first. */
const INPUT_CHANNELS = 3;

/**
 * Compiles the network around a layer. Its steps are the input's copy, whatever the convolution needs (borders filled in,
 * packs), the convolution's calls, and the way out. `first` to `last` are the layer as a network runs it: without the
 * copies, which a network has at its ends only; but a first layer reads what the caller gives, so its copy belongs to it.
 * `main` is the first of the convolution's calls.
 */
export async function compileLayer(folder, layer, graph, target) {
  const { plan, kernels, program } = await compileWhole(folder, graph, target);
  const working = kernels.filter(({ macs }) => macs > 0);
  const first = plan.steps[0].task.op === "copy" && layer.ic > INPUT_CHANNELS ? 1 : 0;
  return {
    program,
    kernel: {
      schedule: working[0].schedule,
      choice: working.map(({ choice }) => choice).join("; below that "),
      scratchBytes: Math.max(...working.map(({ scratchBytes }) => scratchBytes)),
    },
    first,
    main: kernels.indexOf(working[0]),
    last: kernels.lastIndexOf(working.at(-1)),
  };
}
