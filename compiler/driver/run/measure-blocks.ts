import type { Block } from "../../results/steadiness/block.ts";
import { type Certainty, judgeBlocks, LEAST_BLOCKS } from "../../results/steadiness/judge-blocks.ts";
import type { Effort } from "./repetition.ts";

/** Milliseconds of a block: as few as can be judged give `leastSeconds` of times, looks at the clock and what else goes off left out. */
export function blockMs({ leastSeconds }: Effort): number {
  return Math.ceil((1100 * leastSeconds) / LEAST_BLOCKS);
}

/**
 * Measures block after block, each a process of its own as where its memory happens to lie is noise, too, until they are
 * steady or the budget ends. What does not count is measured again. The first few are measured however long they take.
 * @param measure given how many there are; throws what running throws
 * @param now seconds of any clock
 */
export async function measureBlocks<B extends Block>(
  measure: (done: number) => Promise<B>,
  effort: Effort,
  onBlock: (certainty: Certainty) => void = () => {},
  now: () => number = () => performance.now() / 1e3,
): Promise<{ readonly certainty: Certainty; readonly blocks: readonly B[] }> {
  const began = now();
  const blocks: B[] = [];
  for (;;) {
    blocks.push(await measure(blocks.length));
    const { certainty, counted } = judgeBlocks(blocks, effort.precision);
    onBlock(certainty);
    const isOver = certainty.verdict === "steady" || now() - began > effort.budgetSeconds;
    // Of a board that is throttled all the time its times are all there is.
    if (blocks.length >= LEAST_BLOCKS && isOver)
      return { certainty, blocks: counted.length > 0 ? counted : blocks };
  }
}
