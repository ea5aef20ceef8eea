import { invariant } from "../../support/assert.ts";
import type { TwoPartRule } from "./rule-for.ts";

/** How far apart two runs of the same thing were. */
export interface Difference {
  /** What it takes, in nanoseconds: above 0. */
  readonly typical: number;
  readonly percent: number;
  readonly nanoseconds: number;
}

/**
 * How many times what equal runs differed by a rule has to be: a few runs have not shown the largest difference there is. Less
 * will do in turns, where a second series has to find what the first one found, and each interval has to be on one side.
 */
export const MARGINS = { files: 2, turns: 1.5 } as const;

/** Below these a rule would be about the clock. */
const LEAST: TwoPartRule = { percent: 0.5, nanoseconds: 50 };

/** Of rules as good as this the one of more percent and fewer nanoseconds is taken: things grow, and their noise with them. */
const NEARLY = 1.05;

/** Usually there are some ten; more than these differ too little to be told apart. */
const MOST_CANDIDATES = 200;

/** A difference between two times of the same thing. */
export function differenceOf(a: number, b: number): Difference {
  const [low, high] = a < b ? [a, b] : [b, a];
  return { typical: low, percent: low > 0 ? 100 * (high / low - 1) : 0, nanoseconds: high - low };
}

/**
 * The smallest rule that none of the differences exceeds, times the margin. Many pairs of percent and nanoseconds would do;
 * it is the one that finds the smallest slow-downs: on average over the things themselves, the larger of both parts.
 * @param differences at least one
 */
export function learnRule(differences: readonly Difference[], margin: number): TwoPartRule {
  invariant(differences.length > 0, "no differences to learn from");
  const widened = candidates(differences).map(({ percent, nanoseconds }) => ({
    percent: Math.max(LEAST.percent, margin * percent),
    nanoseconds: Math.max(LEAST.nanoseconds, margin * nanoseconds),
  }));
  const costs = widened.map((rule) => foundFrom(rule, differences));
  const least = costs.reduce((a, b) => Math.min(a, b));
  return widened[costs.findIndex((cost) => cost <= NEARLY * least)];
}

/** Rules of which neither part can be made smaller: the more percent are allowed, the fewer nanoseconds need to be. */
function candidates(differences: readonly Difference[]): TwoPartRule[] {
  const sorted = [...differences].sort((a, b) => b.percent - a.percent);
  const rules: TwoPartRule[] = [];
  let most = 0;
  for (const { percent, nanoseconds } of sorted) {
    if (nanoseconds <= most) continue;
    rules.push({ percent, nanoseconds: most });
    most = nanoseconds;
  }
  rules.push({ percent: 0, nanoseconds: most });
  const step = Math.ceil(rules.length / MOST_CANDIDATES);
  return rules.filter((_, i) => i % step === 0 || i === rules.length - 1);
}

/** The part of its time by which a thing has to become slower to be found, on average. */
function foundFrom({ percent, nanoseconds }: TwoPartRule, differences: readonly Difference[]): number {
  const sum = differences.reduce(
    (total, { typical }) => total + Math.max(percent / 100, nanoseconds / typical),
    0,
  );
  return sum / differences.length;
}
