// Many kernels of one task in one program, one run of the model for all of them.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelCycles } from "../../../dist/device/model-cycles.js";
import { writeBundle } from "../../../dist/driver/bundle/emit-bundle-write.js";
import { racingBundle } from "../../../dist/driver/bundle/kernel-bundle.js";
import { benchArguments } from "../../../dist/driver/run/bench-arguments.js";
import { emulatorOf } from "../../../dist/machine/load.js";
import { defaultCacheDir } from "../../../dist/support/cache-folder.js";
import { buildBundle } from "../../../dist/toolchain/compile-bundle.js";
import { buildCyclesPlugin } from "../../../dist/toolchain/qemu-plugin.js";

const TIMEOUT_SECONDS = 900;

/**
 * Modelled cycles of each kernel, caches as a run of the same kernel left them: each is a layer twice, one after the other, and
 * the second counts.
 */
export async function modelBatch(kernels, target, signal) {
  const folder = await mkdtemp(join(tmpdir(), "tilewright-table-"));
  try {
    const twice = kernels.flatMap((kernel) => [kernel, kernel]);
    await writeBundle(racingBundle("table", twice, weightsOf(kernels), target), folder);
    const { program } = await buildBundle(folder, target, { jobs: 1, signal });
    const emulator = emulatorOf(target);
    const { marks } = await modelCycles({
      plugin: await buildCyclesPlugin(emulator, defaultCacheDir()),
      emulator,
      core: target.core,
      cpu: target.core.mcpu,
      program,
      args: benchArguments(`0-${twice.length - 1}`, 1),
      timeoutSeconds: TIMEOUT_SECONDS,
      signal,
    });
    if (marks.length !== 4 * kernels.length)
      throw new Error(`${marks.length} marks of ${kernels.length} kernels`);
    return kernels.map((_, i) => marks[4 * i + 3].cycles - marks[4 * i + 2].cycles);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Numbers that differ, so that no two weights share memory. */
function weightsOf(kernels) {
  const weights = new Map();
  for (const { name, role, storage } of kernels.flatMap(({ params }) => params)) {
    if (role !== "weight" || weights.has(name)) continue;
    const size = storage.shape.reduce((a, b) => a * b, 1);
    weights.set(
      name,
      Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1)),
    );
  }
  return weights;
}
