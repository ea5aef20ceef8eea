/**
 * What a measurement is for: to see by a part of a large kernel's grid whether it is worth a whole run, unchecked; to see what is worth
 * more; to tell the best apart; or to be sure of the winner.
 */
export const STAGES = ["part", "screen", "race", "final"] as const;
export type Stage = (typeof STAGES)[number];

/** Why a candidate counts for nothing. */
export const FAULTS = [
  "wrong",
  "overrun",
  "crashed",
  "timeout",
  "memory",
  "build",
  "lost",
  "throttled",
] as const;
export type Fault = (typeof FAULTS)[number];

/** What a candidate was found to cost: modelled cycles, or nanoseconds beside those of the reference, turn by turn. */
export type Cost =
  | {
      readonly kind: "modelled";
      readonly cycles: number;
      /** Only a part of its grid was run: as many in proportion, of a kernel that nobody has checked. */
      readonly byPart?: true;
    }
  | { readonly kind: "measured"; readonly ns: readonly number[]; readonly reference: readonly number[] };

export interface Failed {
  readonly outcome: Fault;
  readonly why: string;
}
/** What became of a candidate. Only what computed the right numbers has a cost, but for one by a part. */
export type Outcome = ({ readonly outcome: "ok"; readonly cost: Cost } | Failed) & {
  /** The kernel of equal object code that was measured in its place. */
  readonly sameAs?: string;
  /** Where it was measured, of several boards. */
  readonly on?: string;
};
