import { compileWhole } from "./compile-whole.mjs";

/** Most channels of a network's input: a layer with no more is taken to be a network's first. */
const INPUT_CHANNELS = 3;

/**
 * Compiles the network around a layer. Its steps are the input's copy, whatever the convolution needs (borders filled in,
 * packs), the convolution, and the way out. `first` to `last` are the layer as a network runs it: without the copies, which
 * a network has at its ends only; but a first layer reads what the caller gives, so its copy belongs to it.
 */
export async function compileLayer(folder, layer, graph, target) {
  const { plan, kernels, program } = await compileWhole(folder, graph, target);
  const last = kernels.findIndex((kernel) => kernel.macs > 0);
  const first = plan.steps[0].task.op === "copy" && layer.ic > INPUT_CHANNELS ? 1 : 0;
  return { program, kernel: kernels[last], first, last };
}
