/**
 * What a schedule asks of whatever C compiler makes the kernel: in words, as each family of compilers has flags of its own
 * for it, or none. `build/intent-flags.ts` has them. Leaving an intent out costs time, never a result.
 */
export type Intent =
  /**
   * Statements stay in the order they are written in, and a loop's iterations are not mixed: schedules order loads and
   * multiply-adds by the registers there are, and put side by side what one instruction loads or stores. gcc 12 hoists loads
   * across a written-out tile and spills, clang writes out loops that are written out already.
   */
  | "keep-order"
  /** What does not change in a loop (weights, bias, bounds) is not moved ahead of it: it takes registers from a tile that needs them all. */
  | "no-hoisting"
  /** What one block of statements computed is computed again in the next, instead of being carried over in a register. */
  | "no-sharing"
  /** An accumulator stays in its register across blocks written out one after another, where gcc's usual allocator moves it. */
  | "keep-registers"
  /** The values that a variable takes stay apart, so that what else a kernel computes leaves the registers of accumulators alone. */
  | "keep-chains"
  /** A short loop that already does many things at once stays a loop: written out, its iterations would be mixed. */
  | "keep-loops";

/** Each once; a kernel's name depends on their spelling. */
export const INTENTS = [
  "keep-order",
  "no-hoisting",
  "no-sharing",
  "keep-registers",
  "keep-chains",
  "keep-loops",
] as const satisfies readonly Intent[];

export function isIntent(text: unknown): text is Intent {
  return INTENTS.some((intent) => intent === text);
}
