import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Kernel } from "../../artifact/kernel.ts";
import { modelCycles } from "../../device/model-cycles.ts";
import { emulatorOf } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";
import { kept } from "../../toolchain/cache.ts";
import { buildBundle } from "../../toolchain/compile-bundle.ts";
import { buildCyclesPlugin } from "../../toolchain/qemu-plugin.ts";
import { findProgram, findToolchain } from "../../toolchain/toolchain.ts";
import { kernelFlags } from "../bundle/emit-bundle-flags.ts";
import { writeBundle } from "../bundle/emit-bundle-write.ts";
import { kernelBundle } from "../bundle/kernel-bundle.ts";
import { modelSteps, secondInference } from "../run/model-network.ts";

/** Cycles of one run of a kernel on a modelled core, caches warm. */
export type KernelCycles = (kernel: Kernel, signal: AbortSignal) => Promise<number>;

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
    const folder = await mkdtemp(join(tmpdir(), "tilewright-model-"));
    try {
      // Weights are inputs here: what they are does not matter, and nothing large is written.
      await writeBundle(kernelBundle("kernel", kernel, new Map(), target), folder);
      const { program } = await buildBundle(folder, target, { toolchain, cacheDir, jobs: 1, signal });
      const timeoutSeconds = TIMEOUT_SECONDS;
      const job = { plugin, emulator, core, cpu: core.mcpu, program, timeoutSeconds, signal };
      const { marks } = await modelCycles({ ...job, args: modelSteps(0, 0) });
      return secondInference(marks, 1).steps[0].cycles;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  return async (kernel, signal) => {
    const flags = kernelFlags(target, toolchain, kernel);
    const key = contentKey({ ...model, c: kernel.c, flags });
    const path = await kept(cacheDir, "cycles", key, async (to) =>
      writeFile(to, String(await run(kernel, signal))),
    );
    return Number(await readFile(path, "utf8"));
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
