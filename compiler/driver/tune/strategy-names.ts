/** In which order candidates are tried (propose.ts). */
export const STRATEGY_NAMES = ["estimate", "random", "grid", "evolution"] as const;
export type Strategy = (typeof STRATEGY_NAMES)[number];
