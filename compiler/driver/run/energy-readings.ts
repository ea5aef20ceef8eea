import type { TimedReading } from "../../device/energy-power.ts";
import type { BlockTimes } from "./bench-block.ts";

export interface EnergyOptions {
  readonly threads: number;
  readonly cores?: readonly number[] | undefined;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** File that a power meter logs to, instead of the board's sensors. */
  readonly meter?: string | undefined;
  /** How long inferences run while power is read, how long nothing does before, and how often it is read. */
  readonly seconds?: number;
  readonly idleSeconds?: number;
  readonly everySeconds?: number;
}
/** Readings while nothing runs and while inferences do. */
export interface EnergyReadings {
  readonly idle: readonly TimedReading[];
  readonly during: readonly TimedReading[];
  readonly times: BlockTimes;
  readonly readingShare: number;
}
