import { buildCyclesPlugin } from "../build/qemu-plugin.ts";
import { cyclesBetween, type ModelledCycles, modelCycles } from "../device/model-cycles.ts";
import { invariant } from "../support/assert.ts";
import { emulatorOf } from "../target/load.ts";
import type { Core, Target } from "../target/target.schema.ts";

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

/** Cycles of an inference and of its steps on a modelled core, one thread. Throws what modelCycles throws. */
export async function modelNetwork({ steps, target, ...job }: ModelNetworkJob): Promise<ModelledNetwork> {
  const emulator = emulatorOf(target);
  const { marks } = await modelCycles({
    core: target.core,
    ...job,
    emulator,
    plugin: await buildCyclesPlugin(emulator),
    cpu: target.core.mcpu,
    args: modelSteps(0, steps - 1),
  });
  // Each step marks its beginning and its end, in the first inference and in the second.
  invariant(marks.length === 4 * steps, `${marks.length} marks of ${steps} steps`);
  const second = marks.slice(2 * steps);
  return {
    whole: cyclesBetween(marks[2 * steps - 1], second[second.length - 1]),
    steps: Array.from({ length: steps }, (_, i) => cyclesBetween(second[2 * i], second[2 * i + 1])),
  };
}

/** Of a program's `bench` for two runs of some steps on one thread, the second of which counts. */
export function modelSteps(first: number, last: number): string[] {
  return [
    ...["bench", "--layer", `${first}-${last}`],
    ...["--warmup", "1", "--repeats", "1", "--threads", "1"],
  ];
}
