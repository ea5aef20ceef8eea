/** Kinds of figures that a history follows, for who must not load what follows them; times are noisy, the others exact. */
export const TREND_KINDS = ["cycles", "instructions", "ns"] as const;
export type TrendKind = (typeof TREND_KINDS)[number];
