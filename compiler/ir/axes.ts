import type { Range, Ranges } from "./index-expr.ts";
import { walk } from "./rewrite.ts";
import type { Block } from "./stmt.ts";

/** What is known of a block's axes. */
interface Axes {
  readonly block: Block;
  readonly names: readonly string[];
  readonly ranges: Ranges;
}

/**
 * Blocks never change, and several ask for the same one's in a row. A weak map of all blocks would take longer than it saves:
 * each would be looked at whenever memory is collected.
 */
let last: Axes | undefined;

function axesOfBlock(block: Block): Axes {
  if (last?.block === block) return last;
  const ranges = new Map<string, Range>();
  walk(block, (s) => {
    if (s.kind !== "for") return;
    ranges.set(s.axis, { min: 0, max: Math.max(s.extent - 1, ranges.get(s.axis)?.max ?? 0) });
  });
  last = { block, names: [...ranges.keys()], ranges };
  return last;
}

/** Names of all axes of a block, in order of first appearance. */
export function axisNames(block: Block): readonly string[] {
  return axesOfBlock(block).names;
}

/** Bounds that hold for each axis wherever it appears. */
export function axisRanges(block: Block): Ranges {
  return axesOfBlock(block).ranges;
}
