import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { readingsWithin, type TimedReading } from "../../device/energy-power.ts";
import { parseMeterFile } from "../../device/meter-file.ts";
import type { Runner } from "../../device/runner.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { BlockTimes } from "./bench-block.ts";
import type { EnergyOptions, EnergyReadings } from "./energy-readings.ts";

/** A meter that logs twice a second has so many at least. */
const LEAST_READINGS = 3;

/**
 * What a power meter logged while nothing ran on a board and while inferences did. The meter's clock is taken to be this machine's; the
 * board's is compared with it. Undefined for a board that tells no time. Throws R192, R193.
 */
export async function meteredReadings(
  path: string,
  sampleEnergy: NonNullable<Runner["sampleEnergy"]>,
  work: () => Promise<BlockTimes>,
  { signal, idleSeconds = 5 }: EnergyOptions,
): Promise<EnergyReadings | undefined> {
  await metered(path);
  const started = await startOf(sampleEnergy, signal);
  const idleFrom = Date.now() / 1e3;
  await sleep(1000 * idleSeconds, undefined, { signal });
  const idleTo = Date.now() / 1e3;
  const times = await work();
  const { from, to } = times.beside ?? {};
  if (started === undefined || from === undefined || to === undefined) return undefined;
  const readings = await metered(path);
  return {
    idle: between(path, readings, idleFrom, idleTo, "nothing ran"),
    during: between(path, readings, started + from, started + to, "inferences ran"),
    times,
    readingShare: 0,
  };
}

async function metered(path: string): Promise<readonly TimedReading[]> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw unfit(path, `it cannot be read: ${error.message}`);
  });
  return parseMeterFile(path, text);
}

/** When the board was started, by this machine's clock: its own may be wrong, and only counts on. */
async function startOf(
  sampleEnergy: NonNullable<Runner["sampleEnergy"]>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const before = Date.now();
  const { readings } = await sampleEnergy({ count: 1, everySeconds: 1, signal });
  const up = readings[0]?.seconds;
  return up === undefined ? undefined : (before + Date.now()) / 2e3 - up;
}

function between(
  path: string,
  readings: readonly TimedReading[],
  from: number,
  to: number,
  what: string,
): readonly TimedReading[] {
  const found = readingsWithin(readings, from, to);
  if (found.length >= LEAST_READINGS) return found;
  const iso = (seconds = 0): string => new Date(1000 * seconds).toISOString();
  throw unfit(
    path,
    `it has ${found.length} readings from ${iso(from)} to ${iso(to)}, when ${what}; its own are from ${iso(readings[0]?.seconds)} to ${iso(readings.at(-1)?.seconds)}`,
  );
}

function unfit(path: string, why: string): UserError {
  return new UserError({
    code: "R193",
    exit: "badInput",
    title: `\`${path}\` does not tell the power of this run`,
    why,
    help: ["the meter has to log to it meanwhile, at least twice a second, by the clock of this machine"],
  });
}
