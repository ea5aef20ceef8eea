import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kernel } from "../../compiler/artifact/kernel.ts";
import { countInstructions } from "../../compiler/device/icount.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { kernelBundle } from "../../compiler/driver/bundle/kernel-bundle.ts";
import { emulatorOf } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { buildBundle } from "../../compiler/toolchain/compile-bundle.ts";
import { buildCountingPlugin } from "../../compiler/toolchain/qemu-plugin.ts";

/** Instructions one call of a kernel executes under qemu-user: a run of two repetitions less a run of one. */
export async function countKernel(kernel: Kernel, target: Target): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "tilewright-count-"));
  try {
    const weights = new Map(
      kernel.params
        .filter((p) => p.role === "weight")
        .map(
          (p) => [p.name, new Float32Array(p.storage.shape.reduce((a, b) => a * b, 1)).fill(0.5)] as const,
        ),
    );
    const bundle = join(folder, "bundle");
    await writeBundle(kernelBundle("kernel", kernel, weights, target), bundle);
    const { program } = await buildBundle(bundle, target);
    const plugin = await buildCountingPlugin(emulatorOf(target));
    const run = (repeats: number): Promise<number> =>
      countInstructions({
        plugin,
        emulator: emulatorOf(target),
        cpu: target.core.mcpu,
        program,
        args: ["bench", "--layer", "0-0", "--warmup", "1", "--repeats", String(repeats), "--threads", "1"],
        timeoutSeconds: 300,
      });
    return (await run(2)) - (await run(1));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
