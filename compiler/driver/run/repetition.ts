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
