import { parseEnergy } from "./energy.ts";
import type { TimedReading } from "./energy-power.ts";

/** Readings of one process on the board, one after another. */
export interface EnergyTrace {
  /** Seconds are those since the machine was started. */
  readonly readings: readonly TimedReading[];
  /** Processor time that reading took. */
  readonly processorSeconds: number;
}
/** How often a place's energy sensors are read. */
export interface Sampling {
  readonly count: number;
  readonly everySeconds: number;
  readonly signal?: AbortSignal;
}

/** Arguments of `energyScript` after the root of all paths. */
export function samplingWords({ count, everySeconds }: Sampling): readonly string[] {
  return ["", everySeconds.toFixed(3), String(count)];
}

/** Reads what `energyScript` printed; readings without a time are left out. */
export function parseEnergyTrace(text: string): EnergyTrace {
  const readings = text.split(/^at\t/m).flatMap((part): TimedReading[] => {
    const [, seconds, rest = ""] = /^(\d{1,10}(?:\.\d+)?)\n(.*)$/s.exec(part) ?? [];
    return seconds === undefined ? [] : [{ seconds: Number(seconds), reading: parseEnergy(rest) }];
  });
  let processorSeconds = 0;
  for (const [, minutes, seconds] of text.matchAll(/(\d{1,6})m(\d+(?:\.\d+)?)s/g))
    processorSeconds += 60 * Number(minutes) + Number(seconds);
  return { readings, processorSeconds };
}
