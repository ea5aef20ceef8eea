import type { DType } from "../ir/dtype.ts";
import type { Role } from "../ir/proc.ts";
import type { Storage } from "../ir/storage.ts";
import type { Intent } from "./intent.ts";

/** Fewest cycles on the core's model, least time on a board, or somebody's word. */
export const CHOSEN_BY = ["modelled", "measured", "user"] as const;
export type ChosenBy = (typeof CHOSEN_BY)[number];

/**
 * A compiled kernel, still C. Its function is
 * `void NAME(const float *in..., float *out..., float *scratch..., int begin, int end)`, parameters in order; calls over
 * disjoint parts of [0, grid) may run in parallel (see `steps`), each with scratch arrays of its own, and together do the whole work.
 */
export interface Kernel {
  /** C identifier, unique by content. */
  readonly name: string;
  /** Content key of what it is: its C, how its parameters lie, what it asks of the C compiler and its instruction set. */
  readonly key: string;
  readonly params: readonly KernelParam[];
  /** Arrays of so many elements that a call works in, after the parameters: local arrays too large for a stack. */
  readonly scratch: readonly { readonly name: string; readonly size: number; readonly dtype: DType }[];
  /** Number of chunks, independent of each other but for steps. */
  readonly grid: number;
  /**
   * Where steps end in a block of chunks, the last one the block itself: a step begins when the one before it is done. Blocks are
   * independent, those of one block share their scratch arrays. Absent: each chunk is such a block.
   */
  readonly steps?: readonly number[];
  readonly c: string;
  /** C prototype, without semicolon. */
  readonly prototype: string;
  /** Name of the schedule that made it. */
  readonly schedule: string;
  /** What it took of each of its knobs. */
  readonly knobs: Readonly<Record<string, number | string | boolean>>;
  /** One line on what was chosen and why. */
  readonly choice: string;
  /** Who chose what was chosen; absent: it was estimated. */
  readonly chosen?: ChosenBy;
  /** What its schedule asks of the C compiler. */
  readonly intents: readonly Intent[];
  /** Flags that a user's own schedule gives the C compiler. */
  readonly cflags: readonly string[];
  /** Multiply-accumulates of one call over the whole grid, of all channels it computes. */
  readonly macs: number;
  /** Local arrays of one call, on the stack of the thread that makes it, all of them together. */
  readonly scratchBytes: number;
}

/** Chunks of a block, of which none needs another one. */
export function blockChunks({ steps }: Pick<Kernel, "steps">): number {
  return steps?.at(-1) ?? 1;
}

export interface KernelParam {
  readonly name: string;
  readonly role: Role;
  readonly dtype: DType;
  readonly storage: Storage;
  /** Set for an index table, a weight of i32 whose elements lie in 0 .. bound-1. */
  readonly bound?: number;
}
