import type { Choices } from "../../schedule/choose.ts";

/** A setting of the knobs that was tried. */
export interface Candidate {
  readonly choices: Choices;
  /** What the schedule says of it. */
  readonly choice: string;
  readonly cycles: number;
}
/** What was found for one kernel; the first candidate is the schedule's own preference. */
export interface Found {
  readonly chosen: Candidate;
  readonly candidates: readonly Candidate[];
}

/** Whether another setting than the preferred one was chosen. */
export function isChanged({ chosen, candidates }: Found): boolean {
  return chosen !== candidates[0];
}
