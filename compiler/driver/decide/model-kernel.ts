import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { blockChunks, type Kernel } from "../../artifact/kernel.ts";
import { emulatorOf } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";
import { inTemporaryFolder } from "../../support/temporary-folder.ts";
import { kept } from "../../toolchain/cache.ts";
import { buildBundle } from "../../toolchain/compile-bundle.ts";
import { buildCyclesPlugin } from "../../toolchain/qemu-plugin.ts";
import { findProgram, findToolchain } from "../../toolchain/toolchain.ts";
import { kernelFlags } from "../bundle/emit-bundle-flags.ts";
import { writeBundle } from "../bundle/emit-bundle-write.ts";
import { modelledBundle } from "../bundle/modelled-bundle.ts";
import { modelInference } from "../run/model-network.ts";

/**
 * Cycles of one run of a kernel on a modelled core, caches warm.
 * @param part of its grid that is run, from the first chunk on, in parts of it; the cycles are those of the whole in proportion.
 *   Default 1: all of it.
 */
export type KernelCycles = (kernel: Kernel, signal: AbortSignal, part?: number) => Promise<number>;

const TIMEOUT_SECONDS = 600;

/**
 * The model of a target's core, to be asked for kernels compiled for that target. Answers are kept in the user's cache under
 * all that they depend on. Throws C406 and C407 where there is no model or no emulator, and what finding a compiler throws.
 */
export async function openCoreModel(
  target: Target,
  cacheDir: string = defaultCacheDir(),
): Promise<KernelCycles> {
  const { board, core, isa } = target;
  if (board.run === "native" || core.model === undefined || !isa.emulation?.cycles) throw noModel(target);
  const emulator = emulatorOf(target);
  if (findProgram(emulator) === undefined) throw noEmulator(emulator);
  const toolchain = await findToolchain(target);
  const plugin = await buildCyclesPlugin(emulator, cacheDir);
  const model = { form: 2, core, plugin: basename(plugin), compiler: toolchain.fingerprint };

  const run = async (kernel: Kernel, signal: AbortSignal): Promise<number> => {
    return inTemporaryFolder("model", async (folder) => {
      const { files, aliases } = modelledBundle(kernel, target);
      await writeBundle(files, folder);
      const options = { toolchain, cacheDir, jobs: 1, signal, once: { aliases } };
      const { program } = await buildBundle(folder, target, options);
      const job = { program, timeoutSeconds: TIMEOUT_SECONDS, signal };
      const { steps } = await modelInference({ ...job, plugin, emulator, core, cpu: core.mcpu }, 1);
      return steps[0].cycles;
    });
  };

  return async (kernel, signal, part = 1) => {
    const block = blockChunks(kernel);
    const some = { ...kernel, grid: Math.ceil((part * kernel.grid) / block) * block };
    const flags = kernelFlags(target, toolchain, kernel);
    const key = contentKey({ ...model, c: kernel.c, grid: some.grid, flags });
    const path = await kept(cacheDir, "cycles", key, async (to) =>
      writeFile(to, String(await run(some, signal))),
    );
    return (Number(await readFile(path, "utf8")) * kernel.grid) / some.grid;
  };
}

function whyNoModel({ board, core, isa }: Target): string {
  if (board.run === "native") return "the model knows the cores of boards, not the processor at hand";
  if (core.model === undefined) return `the file of its core \`${core.name}\` has no \`model\``;
  return `the model does not know the instructions of ${isa.name}`;
}

function noModel(target: Target): UserError {
  return new UserError({
    code: "C406",
    exit: "usage",
    title: `tiles for \`${target.name}\` cannot be chosen by a model`,
    why: whyNoModel(target),
    help: ["leave `--choose model` out: tiles are chosen by estimate"],
  });
}

function noEmulator(emulator: string): UserError {
  return new UserError({
    code: "C407",
    exit: "missingTool",
    title: `\`--choose model\` needs the emulator \`${emulator}\`, which is not installed`,
    help: ["sudo apt-get install qemu-user", "or leave it out: tiles are chosen by estimate"],
  });
}
