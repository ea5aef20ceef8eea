import type { Timing } from "../../device/runner.ts";

/** Runs before the first that counts, and runs that count. */
export interface Repetition {
  readonly warmup: number;
  readonly repeats: number;
}

/** Where nobody says otherwise: an emulator is slow, and its times say little. */
export function usualRepetition(timing: Timing): Repetition {
  return timing === "emulated" ? { warmup: 1, repeats: 3 } : { warmup: 3, repeats: 30 };
}

/** For how long, and how well, something is measured. */
export interface Effort {
  /** Half the interval's width that is small enough, in parts of the median. */
  readonly precision: number;
  /** Seconds of times that are measured at least. */
  readonly leastSeconds: number;
  /** Seconds after which it is given up to become sure. */
  readonly budgetSeconds: number;
}
export const USUAL_EFFORT: Effort = { precision: 0.01, leastSeconds: 1, budgetSeconds: 20 };

/** The same of the ratio of two programs that take turns. */
export const TURN_EFFORT = { precision: 0.01, budgetSeconds: 60 } as const;
