import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Core } from "../machine/target.schema.ts";
import { UserError } from "../support/diagnostic.ts";
import { inTemporaryFolder } from "../support/temporary-folder.ts";
import type { CountJob } from "./icount.ts";
import type { JobResult } from "./runner.ts";
import { withSeenPrefetches } from "./seen-prefetches.ts";
import { runInTempFolder } from "./temp-run.ts";

/** As to count instructions; `plugin` is the one that models cycles. */
export interface CyclesJob extends CountJob {
  /** The core whose cycles are modelled; the program runs on `cpu`, or on qemu's `max` where qemu is too old to know that. */
  readonly core: Core;
}

export interface ModelledCycles {
  readonly cycles: number;
  readonly instructions: number;
  /** Lines brought into a cache by loads and stores, ahead of their use or not. */
  readonly l1Misses: number;
  readonly l2Misses: number;
  /** Cycles of all that the core waits for lines: of a cache behind the first one, and of memory. */
  readonly l2Stalls: number;
  readonly memoryStalls: number;
}

/** A run's figures, and what they were whenever the program said so (`TW_MARK` in runtime-c). */
export interface ModelledRun extends ModelledCycles {
  readonly marks: readonly ModelledCycles[];
}

const RESULT = "cycles.json";
const RESULT_BYTES = 64 * 1024 * 1024;
/** What qemu says of a core it does not have. */
const UNKNOWN_CPU = "unable to find CPU model";
const figures = z
  .tuple([z.int(), z.int(), z.int(), z.int(), z.int(), z.int()])
  .transform(([cycles, instructions, l1Misses, l2Misses, l2Stalls, memoryStalls]) => ({
    ...{ cycles, instructions, l1Misses, l2Misses, l2Stalls, memoryStalls },
  }));
const resultSchema = z
  .strictObject({
    ...{ cycles: z.int(), instructions: z.int(), l1_misses: z.int(), l2_misses: z.int() },
    ...{ l2_stalls: z.int(), memory_stalls: z.int(), marks: z.array(figures) },
  })
  .transform(({ l1_misses, l2_misses, l2_stalls, memory_stalls, ...rest }) => ({
    ...rest,
    l1Misses: l1_misses,
    l2Misses: l2_misses,
    l2Stalls: l2_stalls,
    memoryStalls: memory_stalls,
  }));

/**
 * Cycles one run of a program takes on a modelled core. Deterministic: what one repetition costs is the difference
 * between two runs that differ by one. Throws D131 to D138, D152 and D153.
 */
export async function modelCycles(job: CyclesJob): Promise<ModelledRun> {
  // What is no file is for the emulator to refuse.
  const bytes = await readFile(job.program).catch(() => undefined);
  if (bytes === undefined) return modelProgram(job);
  return inTemporaryFolder("seen", async (folder) => {
    const program = join(folder, "program");
    await writeFile(program, withSeenPrefetches(bytes), { mode: 0o755 });
    return await modelProgram({ ...job, program });
  });
}

async function modelProgram(job: CyclesJob): Promise<ModelledRun> {
  const { emulator } = job;
  const options = [`out=${RESULT}`, ...modelOptions(job.core)];
  const plugin = [resolve(job.plugin).replaceAll(",", ",,"), ...options].join(",");
  // A program's environment lies above its stack: its size moves the stack among the sets of a cache, and cycles with it.
  const launcher = (cpu: string): string[] => [emulator, "-U", "PATH", "-cpu", cpu, "-plugin", plugin];
  const alone = {
    program: job.program,
    args: job.args,
    files: [],
    fetch: [{ name: RESULT, bytes: RESULT_BYTES, orLess: true }],
    timeoutSeconds: job.timeoutSeconds,
    ...(job.signal === undefined ? {} : { signal: job.signal }),
  };
  const run = (cpu: string): Promise<JobResult> =>
    runInTempFolder("qemu", launcher(cpu), alone, { ownEnvironment: false });
  const asked = await run(job.cpu);
  const result = asked.stderr.includes(UNKNOWN_CPU) ? await run("max") : asked;
  const file = result.files.get(RESULT);
  if (result.exitCode !== 0 || file === undefined) {
    throw new UserError({
      code: "D152",
      exit: "runFailed",
      title: `cycles cannot be modelled: ${emulator} ended with exit code ${result.exitCode}`,
      why: result.stderr.trim() || "it said nothing",
      help: ["modelling needs qemu-user with plugins (Debian: qemu-user, not qemu-user-static)"],
    });
  }
  return resultSchema.parse(JSON.parse(new TextDecoder().decode(file)));
}

/** What `longer` takes beyond `shorter`. */
export function cyclesBetween(shorter: ModelledCycles, longer: ModelledCycles): ModelledCycles {
  return {
    cycles: longer.cycles - shorter.cycles,
    instructions: longer.instructions - shorter.instructions,
    l1Misses: longer.l1Misses - shorter.l1Misses,
    l2Misses: longer.l2Misses - shorter.l2Misses,
    l2Stalls: longer.l2Stalls - shorter.l2Stalls,
    memoryStalls: longer.memoryStalls - shorter.memoryStalls,
  };
}

/** A core's numbers as the plugin takes them. Throws D153. */
function modelOptions({ name, inOrder, l1dBytes, l2Bytes, model }: Core): string[] {
  if (model === undefined) {
    throw new UserError({
      code: "D153",
      exit: "usage",
      title: `the cycles of \`${name}\` cannot be modelled`,
      why: "its file has no `model`",
      help: [`add one to targets/cores/${name}.json`, "or choose a board whose core has one"],
    });
  }
  const { width, widthInUops, window, ports, bytes, special, latencies, caches } = model;
  const all = {
    inOrder,
    ...{ width, widthInUops, window, ...ports, ...bytes, ...special, ...latencies, ...caches },
    ...{ l1Bytes: l1dBytes, l2Bytes },
  };
  return Object.entries(all).map(([option, value]) => `${option}=${Number(value)}`);
}
