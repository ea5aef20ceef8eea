import type { Runner } from "../../device/runner.ts";
import type { EnergyOptions } from "../run/energy-readings.ts";
import { type FrameEnergy, measureEnergy } from "../run/measure-energy.ts";
import type { NetworkProgram } from "../run/network-program.ts";

/** Energy of an inference of a network as it is estimated, and as it was tuned. */
export interface TunedEnergy {
  readonly estimated: FrameEnergy;
  readonly tuned: FrameEnergy;
  /** Part of it that is saved, from the parts of the time that speak against it to those that speak for it. */
  readonly saved: number;
  readonly saved_low: number;
  readonly saved_high: number;
}

/**
 * Measures both programs in the order estimated, tuned, tuned, estimated, so that a board that warms up favours neither.
 * A candidate alone is timed for some milliseconds, in which no sensor reads often enough: hence whole networks. Undefined
 * where a board has no sensor, or too few readings. Throws R192, R193 for a meter's file.
 */
export async function tunedEnergy(
  { estimated, tuned }: { readonly estimated: NetworkProgram; readonly tuned: NetworkProgram },
  runner: Runner,
  options: EnergyOptions,
  say: (text: string) => void = () => {},
): Promise<TunedEnergy | undefined> {
  const turns = [estimated, tuned, tuned, estimated];
  const found: FrameEnergy[] = [];
  for (const program of turns) {
    options.signal.throwIfAborted();
    say(`turn ${found.length + 1} of ${turns.length}`);
    const energy = await measureEnergy(program, runner, options);
    if (energy === undefined) return undefined;
    found.push(energy);
  }
  const [first, second, third, fourth] = found as [FrameEnergy, FrameEnergy, FrameEnergy, FrameEnergy];
  const [before, after] = [bothOf(first, fourth), bothOf(second, third)];
  return {
    ...{ estimated: before, tuned: after, saved: 1 - after.mJ_per_frame / before.mJ_per_frame },
    ...{ saved_low: 1 - after.high_mJ / before.low_mJ, saved_high: 1 - after.low_mJ / before.high_mJ },
  };
}

/** Two measurements of one program. */
function bothOf(a: FrameEnergy, b: FrameEnergy): FrameEnergy {
  const mean = (x: number, y: number): number => (x + y) / 2;
  return {
    mJ_per_frame: mean(a.mJ_per_frame, b.mJ_per_frame),
    low_mJ: Math.min(a.low_mJ, b.low_mJ),
    high_mJ: Math.max(a.high_mJ, b.high_mJ),
    watts: mean(a.watts, b.watts),
    idle_watts: mean(a.idle_watts, b.idle_watts),
    sensors: a.sensors,
    reading_share: mean(a.reading_share, b.reading_share),
  };
}
