/**
 * What a schedule asks of whatever C compiler makes the kernel: in words, as each family of compilers has flags of its own
 * for it, or none. `toolchain/intent-flags.ts` has them. Leaving an intent out costs time, never a result.
 */
export type Intent =
  /**
   * Statements stay in the order they are written in, and a loop's iterations are not mixed: schedules order loads and
   * multiply-adds by the registers there are, and put side by side what one instruction loads or stores. Without it gcc 12 hoists
   * loads across a written-out tile and spills, and clang writes out loops that are written out already: on modelled cores gcc
   * takes 20 to 38 % longer for a 1x1 layer, 11 % for a grouped 3x3, clang 20 to 70 % for a depthwise one.
   */
  | "keep-order"
  /**
   * What does not change in a loop (weights, bias, bounds) is not moved ahead of it, where it takes registers from a tile that
   * needs them all: moved, a 1x1 layer takes 14 % longer with gcc 12 on an A72, 29 % on an A53 (modelled).
   */
  | "no-hoisting"
  /**
   * What a tile loads is loaded again in each turn of a loop that does not change it: gcc 12 moves the weights of a tile that is written out
   * whole ahead of the loop over tiles, which no file of registers holds, and loads them from the stack instead. 1x1 layers of 32
   * channels take 25 % less with it on x86 (measured).
   */
  | "keep-loads"
  /**
   * What one block of statements computed is computed again in the next, instead of being carried over in a register: constants of
   * Winograd's transforms above all. Small beside the others, within 1 % either way on a modelled A72.
   */
  | "no-sharing"
  /**
   * An accumulator stays in its register across blocks written out one after another, where gcc 12's usual allocator moves it:
   * 4 % of a 1x1 layer on a modelled A72.
   */
  | "keep-registers"
  /**
   * The values that a variable takes stay apart, so that what else a kernel computes leaves the registers of accumulators alone:
   * 6 % of a Winograd layer with gcc 12 on a modelled A72.
   */
  | "keep-chains"
  /**
   * Values take turns in all registers that are free, where gcc 12 takes the same few again: what is independent then waits for no
   * register, a core in order gets it sooner, and a sum that two nests of a kernel share out differently needs no moves. On modelled
   * cores 1x1 layers take 1.0 % less on an A53, 0.7 % on an A72, those with F(6x6) 4 % on an A53. Not for what only reads a stream:
   * loads that move leave the order of addresses, which the prefetcher of an A53 follows (a classifier of 960 inputs takes twice as long).
   */
  | "spread-registers"
  /**
   * A short loop that already does many things at once stays a loop: written out, its iterations would be mixed. On a modelled A53
   * depthwise layers take up to 17 % less: what is read of several tiles at a time is more than its prefetcher follows.
   */
  | "keep-loops"
  /**
   * At the very end instructions are ordered as for a wider core, which begins several at a time: by what gcc 12 knows of a Cortex-A53
   * loads and arithmetic of transforms follow each other less well. Winograd layers of groups take
   * 0.5 to 2.8 % less on a modelled one, of 64 channels and more nothing.
   */
  | "wide-order"
  /**
   * What two turns of a loop read is loaded in both: gcc 12 carries it from one to the next, through the stack where registers are few. Depthwise
   * layers of 8 bits take 9 % less on a modelled A72 and A76.
   */
  | "load-again";

/** Each once; a kernel's name depends on their spelling. */
export const INTENTS = [
  "keep-order",
  "no-hoisting",
  "keep-loads",
  "no-sharing",
  "keep-registers",
  "keep-chains",
  "spread-registers",
  "keep-loops",
  "wide-order",
  "load-again",
] as const satisfies readonly Intent[];

export function isIntent(text: unknown): text is Intent {
  return INTENTS.some((intent) => intent === text);
}
