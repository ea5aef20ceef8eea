import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import {
  type CyclesJob,
  cyclesBetween,
  type ModelledCycles,
  modelCycles,
} from "../../device/model-cycles.ts";
import { emulatorOf } from "../../machine/load.ts";
import type { Core, Target } from "../../machine/target.schema.ts";
import { invariant } from "../../support/assert.ts";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { fileHash } from "../../support/file-hash.ts";
import { contentKey } from "../../support/stable.ts";
import { kept } from "../../toolchain/cache.ts";
import { buildCyclesPlugin } from "../../toolchain/qemu-plugin.ts";

export interface ModelledNetwork {
  /** Of one inference after another one, caches as that left them. */
  readonly whole: ModelledCycles;
  /** Of each step in that inference, in order. */
  readonly steps: readonly ModelledCycles[];
}

export interface ModelNetworkJob {
  /** A network's program for the target. */
  readonly program: string;
  readonly steps: number;
  readonly target: Target;
  /** Another core than the target's. */
  readonly core?: Core;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/**
 * Cycles of an inference and of its steps on a modelled core, one thread. Kept in the user's cache under all that they
 * depend on. Throws what modelCycles throws.
 */
export async function modelNetwork(
  { steps, target, core = target.core, ...job }: ModelNetworkJob,
  cacheDir: string = defaultCacheDir(),
): Promise<ModelledNetwork> {
  const emulator = emulatorOf(target);
  const plugin = await buildCyclesPlugin(emulator, cacheDir);
  const args = modelSteps(0, steps - 1);
  const cpu = target.core.mcpu;
  const program = await fileHash(job.program);
  const key = contentKey({ form: 2, program, args, cpu, core, plugin: basename(plugin) });
  const path = await kept(cacheDir, "networks", key, async (to) => {
    const modelled = await modelInference({ core, ...job, emulator, plugin, cpu }, steps);
    await writeFile(to, JSON.stringify(modelled));
  });
  return JSON.parse(await readFile(path, "utf8")) as ModelledNetwork;
}

/** Of a program's `bench` for two runs of some steps on one thread, the second of which counts. */
export function modelSteps(first: number, last: number): string[] {
  return [
    ...["bench", "--layer", `${first}-${last}`],
    ...["--warmup", "1", "--repeats", "1", "--threads", "1"],
  ];
}

/** A program's second inference on a modelled core. Throws what modelCycles throws. */
export async function modelInference(job: Omit<CyclesJob, "args">, steps: number): Promise<ModelledNetwork> {
  const { marks } = await modelCycles({ ...job, args: modelSteps(0, steps - 1) });
  return secondInference(marks, steps);
}

/** Each step marks its beginning and its end, in the first inference and in the second. */
function secondInference(marks: readonly ModelledCycles[], steps: number): ModelledNetwork {
  invariant(marks.length === 4 * steps, `${marks.length} marks of ${steps} steps`);
  const second = marks.slice(2 * steps);
  return {
    whole: cyclesBetween(marks[2 * steps - 1], second[second.length - 1]),
    steps: Array.from({ length: steps }, (_, i) => cyclesBetween(second[2 * i], second[2 * i + 1])),
  };
}
