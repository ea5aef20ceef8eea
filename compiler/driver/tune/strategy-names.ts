/** In which order candidates are tried (propose.ts). */
export const STRATEGY_NAMES = ["estimate", "learned", "random", "grid", "evolution"] as const;
export type Strategy = (typeof STRATEGY_NAMES)[number];
