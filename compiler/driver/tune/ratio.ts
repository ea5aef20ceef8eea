import { type MedianInterval, medianInterval } from "../../results/median.ts";
import { assertNever, invariant } from "../../support/assert.ts";
import type { Cost } from "./outcome.ts";

/** How a candidate's time is to the reference's: below 1 it is faster. Modelled ones are exact. */
export type Ratio = MedianInterval;

/** A gain of less leaves the reference: neither models nor boards are that exact. */
export const WORTH_CHANGING = 0.01;

/** Whether a candidate is to take the reference's place. */
export function isSurelyFaster({ median, high }: Ratio): boolean {
  return high < 1 && median <= 1 - WORTH_CHANGING;
}

/**
 * A candidate's cost in parts of the reference's. Measured ones are taken turn by turn: what slows the machine down for a
 * while slows both neighbours, and leaves their ratio.
 * @param referenceCycles of the reference, where costs are modelled
 */
export function ratioOf(cost: Cost, referenceCycles: number): Ratio {
  switch (cost.kind) {
    case "modelled": {
      const ratio = referenceCycles > 0 ? cost.cycles / referenceCycles : 1;
      return { median: ratio, low: ratio, high: ratio };
    }
    case "measured": {
      const { ns, reference } = cost;
      invariant(ns.length > 0 && ns.length === reference.length, "turns of both");
      return medianInterval(ns.map((n, i) => n / reference[i]));
    }
    default:
      return assertNever(cost);
  }
}
