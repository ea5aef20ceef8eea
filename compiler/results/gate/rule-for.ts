import type { GateRule, GateRules } from "./gate-rules.schema.ts";

/** Slower counts where it is by more than both parts: small layers vary by many percent, large ones by many nanoseconds. */
export type TwoPartRule = Pick<GateRule, "percent" | "nanoseconds">;

/** What a rule is sought for. */
export type RulePlace = Omit<GateRule, "percent" | "nanoseconds">;

/** Where nothing was learned. */
export const DEFAULT_RULE: TwoPartRule = { percent: 5, nanoseconds: 20_000 };

/** The rule learned for exactly this place, else the default: what one board showed says nothing of another. */
export function ruleFor(rules: GateRules | undefined, place: RulePlace): TwoPartRule & { learned: boolean } {
  const found = rules?.rules.find(
    (rule) =>
      rule.how === place.how &&
      rule.case === place.case &&
      rule.board === place.board &&
      rule.target === place.target &&
      rule.threads === place.threads &&
      rule.op === place.op,
  );
  const { percent, nanoseconds } = found ?? DEFAULT_RULE;
  return { percent, nanoseconds, learned: found !== undefined };
}

/** Whether `now` is slower than `base` by more than both parts; all in nanoseconds. */
export function exceeds({ percent, nanoseconds }: TwoPartRule, base: number, now: number): boolean {
  return now - base > nanoseconds && now - base > (percent / 100) * base;
}
