import type { Range, Ranges } from "./index-expr.ts";
import { walk } from "./rewrite.ts";
import type { Block } from "./stmt.ts";

/** What is known of a block's axes: blocks never change, so it is worked out once. */
interface Axes {
  readonly names: readonly string[];
  readonly ranges: Ranges;
}
const known = new WeakMap<Block, Axes>();

function axesOfBlock(block: Block): Axes {
  const before = known.get(block);
  if (before !== undefined) return before;
  const ranges = new Map<string, Range>();
  walk(block, (s) => {
    if (s.kind !== "for") return;
    ranges.set(s.axis, { min: 0, max: Math.max(s.extent - 1, ranges.get(s.axis)?.max ?? 0) });
  });
  const axes = { names: [...ranges.keys()], ranges };
  known.set(block, axes);
  return axes;
}

/** Names of all axes of a block, in order of first appearance. */
export function axisNames(block: Block): readonly string[] {
  return axesOfBlock(block).names;
}

/** Bounds that hold for each axis wherever it appears. */
export function axisRanges(block: Block): Ranges {
  return axesOfBlock(block).ranges;
}
