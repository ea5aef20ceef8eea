import { defined } from "../../support/assert.ts";
import type { Candidate, Named } from "./candidate.ts";
import type { Outcome } from "./outcome.ts";
import type { Effort } from "./race-kernels.ts";
import type { Measure } from "./tune-task.ts";

/**
 * What by a part takes so many times the best is not run whole. Of 7 layers of 32 candidates on Cortex-A72 that left the best of
 * each in; 1.02 did not.
 */
const NEAR_BY_PART = 1.03;

/**
 * Looks at candidates by a part of their grid first, and runs those whole that may be best by that, until none that is left promises
 * as much: of the others the cost by a part is all that is known, in proportion to the reference's. What is run whole hangs on outcomes
 * alone.
 */
export function partFirst<K extends Named>(measure: Measure<K>, part: number): Measure<K> {
  /** What was found right costs so much, by a part and whole. */
  const least = { byPart: Number.POSITIVE_INFINITY, whole: Number.POSITIVE_INFINITY };
  /** What the reference takes whole, for each cycle that it takes by a part. */
  let scale = 1;
  const runWhole = async (
    reference: Candidate<K>,
    some: readonly Candidate<K>[],
    byPart: readonly number[],
    effort: Effort,
  ): Promise<readonly Outcome[]> => {
    const measurement = await measure(reference, some, "screen", effort);
    const outcomes = await measurement.measure().finally(() => measurement.drop());
    return outcomes.map((known, i) => {
      const outcome = defined(known, "an outcome");
      const cycles = cyclesOf(outcome);
      if (Number.isFinite(cycles)) least.byPart = Math.min(least.byPart, byPart[i]);
      if (some[i] === reference && byPart[i] > 0 && Number.isFinite(cycles)) scale = cycles / byPart[i];
      least.whole = Math.min(least.whole, cycles);
      return outcome;
    });
  };
  return async (reference, candidates, stage, effort) => {
    if (stage !== "screen") return measure(reference, candidates, stage, effort);
    const look = await measure(reference, candidates, "part", { ...effort, part });
    const whole = new Map<number, Outcome>();
    const near = (byPart: readonly number[]): readonly number[] => {
      const known = Number.isFinite(least.whole) ? least.whole : 0;
      const left = byPart.map((cycles, i) => (whole.has(i) ? Number.POSITIVE_INFINITY : cycles));
      const limit = NEAR_BY_PART * Math.min(least.byPart, ...left);
      return left.flatMap((cycles, i) => {
        if (!Number.isFinite(cycles)) return [];
        return candidates[i] === reference || cycles <= limit || cycles * scale < known ? [i] : [];
      });
    };
    return {
      drop: look.drop,
      measure: async (most) => {
        const seen = await look.measure(most);
        const byPart = seen.map(cyclesOf);
        for (let wanted = near(byPart); wanted.length > 0; wanted = near(byPart)) {
          const some = wanted.map((i) => candidates[i]);
          const known = wanted.map((i) => byPart[i]);
          const outcomes = await runWhole(reference, some, known, effort);
          for (const [at, i] of wanted.entries()) whole.set(i, outcomes[at]);
        }
        return seen.map((outcome, i) => whole.get(i) ?? scaled(outcome, scale));
      },
    };
  };
}

/** Infinity where there are none. */
function cyclesOf(outcome: Outcome | undefined): number {
  const isModelled = outcome?.outcome === "ok" && outcome.cost.kind === "modelled";
  return isModelled ? outcome.cost.cycles : Number.POSITIVE_INFINITY;
}

function scaled(outcome: Outcome | undefined, scale: number): Outcome | undefined {
  if (outcome?.outcome !== "ok" || outcome.cost.kind !== "modelled") return outcome;
  return { ...outcome, cost: { kind: "modelled", cycles: scale * outcome.cost.cycles, byPart: true } };
}
