import pLimit from "p-limit";
import type { Kernel } from "../../artifact/kernel.ts";
import { type CountJob, countInstructions } from "../../device/icount.ts";
import { modelCycles } from "../../device/model-cycles.ts";
import { emulatorOf } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defined } from "../../support/assert.ts";
import { buildCountingPlugin, buildCyclesPlugin } from "../../toolchain/qemu-plugin.ts";
import type { BuiltNetwork } from "../build-network.ts";
import type { Say } from "../progress.ts";
import { benchArguments } from "./bench-arguments.ts";

export interface CountOptions {
  /** Executed instructions, or cycles of the target's core as modelled. */
  readonly what: "instructions" | "cycles";
  /** Runs under qemu at a time. */
  readonly jobs: number;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Counts already known, by kernel name: a kernel executes the same instructions wherever it is called. */
  readonly known: ReadonlyMap<string, number>;
  /** Called with each new count. */
  readonly onKernel: (kernel: string, count: number) => Promise<void>;
  readonly say: Say;
}

/**
 * Instructions that each step of a network executes under qemu-user, or cycles they take on the modelled core; both are
 * deterministic. Each kernel is counted once: one run of one step, with cold caches, less what a run costs without it.
 * Throws what countInstructions and modelCycles throw.
 */
export async function countSteps(
  { program, compiled, target }: BuiltNetwork,
  options: CountOptions,
): Promise<readonly number[]> {
  const { known, signal, timeoutSeconds } = options;
  const { kernels } = compiled;
  const counts = new Map(known);
  const missing = [...new Set(kernels.map(({ name }) => name))].filter((name) => !counts.has(name));
  if (missing.length > 0) {
    const count = await counter(options.what, target);
    const run = (kernel: string, repeats: number): Promise<number> =>
      count({
        cpu: target.core.mcpu,
        program,
        args: benchArguments(
          kernels.findIndex(({ name }) => name === kernel),
          repeats,
        ),
        timeoutSeconds,
        signal,
      });
    // What is left of one run when the kernel with least work is taken away.
    const least = leastWork(kernels);
    const once = await run(least, 1);
    const idle = 2 * once - (await run(least, 2));
    let done = 0;
    const limit = pLimit(options.jobs);
    await Promise.all(
      missing.map((kernel) =>
        limit(async () => {
          signal.throwIfAborted();
          // of a few modelled cycles, less may be left than nothing: `idle` is that of another kernel
          const found = Math.max(0, (await run(kernel, 1)) - idle);
          counts.set(kernel, found);
          await options.onKernel(kernel, found);
          options.say(`${++done} of ${missing.length} kernels`);
        }),
      ),
    );
  }
  return kernels.map(({ name }) => defined(counts.get(name), `count of ${name}`));
}

async function counter(
  what: CountOptions["what"],
  target: Target,
): Promise<(job: Omit<CountJob, "plugin" | "emulator">) => Promise<number>> {
  const { core } = target;
  const emulator = emulatorOf(target);
  if (what === "instructions") {
    const plugin = await buildCountingPlugin(emulator);
    return (job) => countInstructions({ ...job, emulator, plugin });
  }
  const plugin = await buildCyclesPlugin(emulator);
  return async (job) => (await modelCycles({ ...job, emulator, plugin, core })).cycles;
}

function leastWork(kernels: readonly Kernel[]): string {
  const [first] = [...kernels].sort((a, b) => a.macs - b.macs);
  return defined(first, "a network has a step").name;
}
