import { boardSensors, type EnergyReading } from "./energy.ts";

/** A reading and when it was taken, in seconds of any clock. */
export interface TimedReading {
  readonly seconds: number;
  readonly reading: EnergyReading;
}
/** What a board took on average between the first reading and the last. */
export interface Power {
  readonly watts: number;
  readonly seconds: number;
  readonly readings: number;
  /** Names of the sensors added up. */
  readonly sensors: readonly string[];
}

/** Readings from one time to another. */
export function readingsWithin(
  readings: readonly TimedReading[],
  from: number,
  to: number,
): readonly TimedReading[] {
  return readings.filter(({ seconds }) => seconds >= from && seconds <= to);
}

/** Undefined, which means not measured, where there are fewer than two readings or no sensor in all of them. */
export function averagePower(readings: readonly TimedReading[]): Power | undefined {
  const first = readings[0];
  const last = readings.at(-1);
  if (first === undefined || last === undefined || last.seconds <= first.seconds) return undefined;
  const seconds = last.seconds - first.seconds;
  const sensors = boardSensors(first.reading);
  const joules = sensors.map(({ name }) => sensorJoules(readings, name));
  if (joules.length === 0 || joules.some((j) => j === undefined)) return undefined;
  const total = joules.reduce((sum: number, j) => sum + (j ?? 0), 0);
  return { watts: total / seconds, seconds, readings: readings.length, sensors: sensors.map((s) => s.name) };
}

/** Energy of one sensor from the first reading to the last; power between two readings is their mean. */
function sensorJoules(readings: readonly TimedReading[], name: string): number | undefined {
  let joules = 0;
  for (const [i, now] of readings.entries()) {
    const before = readings[i - 1];
    if (before === undefined) continue;
    const [a, b] = [before, now].map(({ reading }) => reading.sensors.find((s) => s.name === name));
    if (a === undefined || b === undefined) return undefined;
    if (a.kind === "power" && b.kind === "power") {
      joules += ((a.watts + b.watts) / 2) * (now.seconds - before.seconds);
    } else if (a.kind === "energy" && b.kind === "energy") {
      const step = b.joules - a.joules;
      if (step < 0 && a.wraps === undefined) return undefined;
      joules += step < 0 ? step + (a.wraps ?? 0) : step;
    } else return undefined;
  }
  return joules;
}
