import { setTimeout as sleep } from "node:timers/promises";
import { averagePower, type Power, type TimedReading } from "../../device/energy-power.ts";
import type { Runner } from "../../device/runner.ts";
import type { NetworkProgram } from "./network-program.ts";
import { programLines } from "./program-lines.ts";
import { summarise } from "./statistics.ts";

/** Energy of one inference: average power while inferences run one after another, times the median time of one. */
export interface FrameEnergy {
  readonly mJ_per_frame: number;
  readonly watts: number;
  readonly sensors: readonly string[];
}
export interface EnergyOptions {
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** How long inferences run while power is read. */
  readonly seconds?: number;
  readonly intervalMs?: number;
}

/** Undefined where a board has no sensor: energy is then not measured. */
export async function measureEnergy(
  { program }: NetworkProgram,
  runner: Runner,
  options: EnergyOptions,
): Promise<FrameEnergy | undefined> {
  if (runner.readEnergy === undefined || runner.timing !== "measured") return undefined;
  if ((await runner.readEnergy()).sensors.length === 0) return undefined;
  const { threads, timeoutSeconds, signal, seconds = 5, intervalMs = 200 } = options;
  let running = true;
  const work = runner
    .run({
      program,
      args: [
        ...["bench", "--warmup", "1", "--repeats", "1"],
        ...["--min-ms", String(1000 * seconds), "--threads", String(threads)],
      ],
      files: [],
      fetch: [],
      timeoutSeconds,
      signal,
    })
    .finally(() => {
      running = false;
    });
  const [result, readings] = await Promise.all([work, readWhile(runner, () => running, intervalMs)]);
  const power = averagePower(steady(readings));
  const whole = programLines(result, runner.board).find((line) => line.kind === "network");
  if (power === undefined || whole === undefined) return undefined;
  return frameEnergy(power, summarise(whole.ns).median);
}

function frameEnergy({ watts, sensors }: Power, ns: number): FrameEnergy {
  return { mJ_per_frame: (watts * ns) / 1e6, watts, sensors };
}

async function readWhile(
  runner: Runner,
  running: () => boolean,
  intervalMs: number,
): Promise<TimedReading[]> {
  const readings: TimedReading[] = [];
  while (running()) {
    const reading = await runner.readEnergy?.();
    if (reading !== undefined) readings.push({ seconds: performance.now() / 1e3, reading });
    await sleep(intervalMs);
  }
  return readings;
}

/** Without the first and last: the program was starting or over. */
function steady(readings: readonly TimedReading[]): readonly TimedReading[] {
  return readings.length > 4 ? readings.slice(1, -1) : readings;
}
