import { averagePower, type Power, readingsWithin, type TimedReading } from "../../device/energy-power.ts";
import type { EnergyTrace } from "../../device/energy-trace.ts";
import type { Runner } from "../../device/runner.ts";
import { medianOf } from "../../results/median.ts";
import { type BlockTimes, timeBlock } from "./bench-block.ts";
import type { EnergyOptions, EnergyReadings } from "./energy-readings.ts";
import { meteredReadings } from "./meter-readings.ts";
import type { NetworkProgram } from "./network-program.ts";

/** Energy of one inference: average power while inferences run one after another, times the median time of one. */
export interface FrameEnergy {
  readonly mJ_per_frame: number;
  /** The same of the part of the time with the least power, and of that with the most. */
  readonly low_mJ: number;
  readonly high_mJ: number;
  readonly watts: number;
  /** What the board takes while nothing of ours runs but the reading of its sensors; it is in `watts`. */
  readonly idle_watts: number;
  readonly sensors: readonly string[];
  /** Processor time that reading the sensors took, in parts of one core: its power is in `watts`, too. */
  readonly reading_share: number;
}
/** Parts that the time is cut into to see how power varies. */
const PARTS = 9;
/** A program over ssh begins a little after its sensors are read. */
const START_SECONDS = 1.5;

/**
 * Undefined where a board has no sensor, or too few readings fell into the run: energy is then not measured. Throws R192, R193
 * for a meter's file.
 */
export async function measureEnergy(
  { program }: NetworkProgram,
  runner: Runner,
  options: EnergyOptions,
): Promise<FrameEnergy | undefined> {
  if (runner.sampleEnergy === undefined || runner.timing !== "measured") return undefined;
  const { threads, cores, timeoutSeconds, signal, meter, seconds = 5 } = options;
  const work = (): Promise<BlockTimes> =>
    timeBlock(program, runner, {
      ...{ warmup: 1, repeats: 1, leastMs: 1000 * seconds, layers: false, beside: true },
      ...{ threads, timeoutSeconds, signal, ...(cores && { cores }) },
    });
  const found =
    meter === undefined
      ? await sensorReadings(runner.sampleEnergy, work, options)
      : await meteredReadings(meter, runner.sampleEnergy, work, options);
  if (found === undefined) return undefined;
  const [idle, power] = [averagePower(found.idle), averagePower(found.during)];
  if (idle === undefined || power === undefined) return undefined;
  const parts = partsOf(found.during);
  return frameEnergy(power, parts, medianOf(found.times.ns), idle.watts, found.readingShare);
}

/** Whether a board's energy can be told at all: what is built for that alone need not be. */
export async function tellsEnergy(
  { sampleEnergy, timing }: Runner,
  { meter, signal }: Pick<EnergyOptions, "meter" | "signal">,
): Promise<boolean> {
  if (sampleEnergy === undefined || timing !== "measured") return false;
  return meter !== undefined || hasSensors(await sampleEnergy({ count: 1, everySeconds: 1, signal }));
}

function hasSensors({ readings }: EnergyTrace): boolean {
  return readings.some(({ reading }) => reading.sensors.length > 0);
}

async function sensorReadings(
  sampleEnergy: NonNullable<Runner["sampleEnergy"]>,
  work: () => Promise<BlockTimes>,
  { signal, seconds = 5, idleSeconds = 2, everySeconds = 0.2 }: EnergyOptions,
): Promise<EnergyReadings | undefined> {
  const sample = (duration: number): Promise<EnergyTrace> =>
    sampleEnergy({ everySeconds, count: 1 + Math.ceil(duration / everySeconds), signal });
  if (!hasSensors(await sample(0))) return undefined;
  const idle = await sample(idleSeconds);
  const [times, trace] = await Promise.all([work(), sample(seconds + START_SECONDS)]);
  const { from = 0, to = 0 } = times.beside ?? {};
  const { readings, processorSeconds } = trace;
  const took = (readings.at(-1)?.seconds ?? 0) - (readings[0]?.seconds ?? 0);
  return {
    idle: idle.readings,
    during: readingsWithin(readings, from, to),
    times,
    readingShare: took > 0 ? processorSeconds / took : 0,
  };
}

function frameEnergy(
  { watts, sensors }: Power,
  parts: readonly number[],
  ns: number,
  idle: number,
  share: number,
): FrameEnergy {
  const mJ = (power: number): number => (power * ns) / 1e6;
  return {
    mJ_per_frame: mJ(watts),
    low_mJ: mJ(Math.min(watts, ...parts)),
    high_mJ: mJ(Math.max(watts, ...parts)),
    ...{ watts, idle_watts: idle, sensors, reading_share: share },
  };
}

/** Watts of equal numbers of readings, neighbours sharing one. */
function partsOf(readings: readonly TimedReading[]): number[] {
  const size = Math.max(1, Math.floor((readings.length - 1) / PARTS));
  return Array.from({ length: Math.floor((readings.length - 1) / size) }, (_, i) =>
    averagePower(readings.slice(i * size, (i + 1) * size + 1)),
  ).flatMap((power) => power?.watts ?? []);
}
