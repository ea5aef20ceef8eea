import type { Throttling } from "../../device/board-state.ts";
import { medianOf } from "../median.ts";

/** Times that one process measured one after another, and what went on beside them. All in nanoseconds. */
export interface Block {
  readonly ns: readonly number[];
  /** Of a kernel that takes `cycles` cycles and no memory, again and again between the others; none where times do not hang on the clock. */
  readonly reference: readonly number[];
  readonly cycles: number;
  /** From its first time to its last; how long the process had a core meanwhile, its threads added up. */
  readonly wallNs: number;
  readonly processNs: number;
  /** How long all of the machine's cores were at work, added up; absent where it does not tell. */
  readonly machineNs?: number | undefined;
  readonly threads: number;
  /** MHz that its cores may reach, where that is known and they do reach it. */
  readonly limitMHz?: number;
  /** What the firmware said of throttling before and after; absent where there is none that does. */
  readonly throttling?: readonly [before: Throttling, after: Throttling];
  /** Why it does not count, where that is known already. */
  readonly spoilt?: Exclusion;
}

/** Why a block does not count. */
export type Exclusion = "throttled" | "slower clock";

/** A clock that is so much below what it was is another clock; what is left of that is noise of the reference's own times. */
const SAME_CLOCK = 0.97;
/** The same of what a board says of its own clock. */
const AS_TOLD = 0.95;

/** Whether two clocks, or two times of the reference, are one but for noise. */
export function isSameClock(a: number, b: number): boolean {
  return Math.min(a, b) >= SAME_CLOCK * Math.max(a, b);
}

/** MHz of the core's clock in a block. */
export function clockOf({ reference, cycles }: Pick<Block, "reference" | "cycles">): number {
  return (1000 * cycles) / medianOf(reference);
}

/**
 * Which blocks do not count: throttled ones, by what the firmware says now or has noted during the block; and those whose clock
 * was below that of the others or below what it may be, or changed within.
 */
export function exclusions(blocks: readonly Block[]): readonly (Exclusion | undefined)[] {
  const throttled = blocks.map(wasThrottled);
  const clocks = blocks.map((block) => (block.reference.length > 0 ? clockOf(block) : Number.NaN));
  const full = Math.max(0, ...clocks.filter((clock, i) => !throttled[i] && clock > 0));
  return blocks.map((block, i) => {
    if (throttled[i]) return "throttled";
    if (block.spoilt !== undefined) return block.spoilt;
    const isSlow = clocks[i] < SAME_CLOCK * full || clocks[i] < AS_TOLD * (block.limitMHz ?? 0);
    return isSlow || changedClock(block) ? "slower clock" : undefined;
  });
}

/** By what the firmware says now, or has noted meanwhile. */
export function wasThrottled({ throttling }: Pick<Block, "throttling">): boolean {
  if (throttling === undefined) return false;
  const [before, after] = throttling;
  return before.now !== 0 || after.now !== 0 || (after.since & ~before.since) !== 0;
}

/** Between a fifth of its looks at the clock and another fifth lies more than noise: single looks may be disturbed. */
function changedClock({ reference }: Block): boolean {
  if (reference.length < 5) return false;
  const sorted = [...reference].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))];
  return !isSameClock(at(0.2), at(0.8));
}
