// A layer by our own GSPC schedule, the baseline: row-major tensors with the padding in place, its packing counted.
import { join } from "node:path";
import { writeBundle } from "../../../dist/driver/bundle/emit-bundle-write.js";
import { kernelBundle } from "../../../dist/driver/bundle/kernel-bundle.js";
import { plainStorage } from "../../../dist/ir/storage.js";
import { compileTask } from "../../../dist/task/compile-task.js";
import { buildBundle } from "../../../dist/toolchain/compile-bundle.js";
import { countSteps } from "../step-job.mjs";

/** Executed instructions of one run; weights are packed beforehand. */
export async function countGspc(folder, target, layer, plugin) {
  const task = gspcTask(layer);
  const kernel = compileTask(task, target, { schedule: "gspc" });
  const size = task.storage.w.shape.reduce((a, b) => a * b, 1);
  const weights = new Map([["w", new Float32Array(size).fill(0.5)]]);
  const bundle = join(folder, `${layer.name}-gspc`);
  await writeBundle(kernelBundle(layer.name, kernel, weights, target), bundle);
  const { program } = await buildBundle(bundle, target, {});
  return countSteps(target, program, 0, 0, plugin);
}

function gspcTask({ n, ic, oc, groups: G, kh, kw, stride, dilation, oh, ow }) {
  const [IC, OC] = [ic / G, oc / G];
  const IH = (oh - 1) * stride + (kh - 1) * dilation + 1;
  const IW = (ow - 1) * stride + (kw - 1) * dilation + 1;
  const window = { KH: kh, KW: kw, SH: stride, SW: stride, DH: dilation, DW: dilation };
  const epilogue = { BIAS: 0, RES: 0, LO: Number.NEGATIVE_INFINITY, HI: Number.POSITIVE_INFINITY };
  const shapes = { x: [n, G, IC, IH, IW], w: [G, OC, IC, kh, kw], y: [n, G, OC, oh, ow] };
  return {
    op: "conv2d",
    dims: { N: n, G, OC, IC, OH: oh, OW: ow, ...window, ...epilogue, IH, IW },
    storage: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, plainStorage(shape)])),
  };
}
