import { medianSorted } from "simple-statistics";
import { assertNever, invariant } from "../../support/assert.ts";
import type { Cost } from "./outcome.ts";

/** How a candidate's time is to the reference's: below 1 it is faster. Modelled ones are exact. */
export interface Ratio {
  readonly median: number;
  /** Where the true median lies, all but for CONFIDENCE; equal to it where nothing varies. */
  readonly low: number;
  readonly high: number;
}

/** Of a race: one winner in two hundred that is none. */
const CONFIDENCE = 0.995;

/**
 * A candidate's cost in parts of the reference's. Measured ones are taken turn by turn: what slows the machine down for a
 * while slows both neighbours, and leaves their ratio. The interval is that of a median by order statistics, which asks
 * nothing of how times are distributed (Conover, Practical Nonparametric Statistics, 3.2).
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
      const ratios = ns.map((n, i) => n / reference[i]).sort((a, b) => a - b);
      const out = outside(ratios.length);
      return { median: medianSorted(ratios), low: ratios[out], high: ratios[ratios.length - 1 - out] };
    }
    default:
      return assertNever(cost);
  }
}

/** How many of `n` sorted samples may be left out at either end of an interval that holds the median. */
function outside(n: number): number {
  let [below, term, k] = [0, 0.5 ** n, 0];
  for (; k < n / 2; k++) {
    below += term;
    if (2 * below > 1 - CONFIDENCE) break;
    term = (term * (n - k)) / (k + 1);
  }
  // the k smallest may be left out when fewer than that lie below the median in all but that many cases
  return Math.max(0, k - 1);
}
