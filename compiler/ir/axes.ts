import type { Range, Ranges } from "./index-expr.ts";
import { walk } from "./rewrite.ts";
import type { Block } from "./stmt.ts";

/** Names of all axes of a block, in order of first appearance. */
export function axisNames(block: Block): string[] {
  const names = new Set<string>();
  walk(block, (s) => {
    if (s.kind === "for") names.add(s.axis);
  });
  return [...names];
}

/** Bounds that hold for each axis wherever it appears. */
export function axisRanges(block: Block): Ranges {
  const ranges = new Map<string, Range>();
  walk(block, (s) => {
    if (s.kind === "for")
      ranges.set(s.axis, { min: 0, max: Math.max(s.extent - 1, ranges.get(s.axis)?.max ?? 0) });
  });
  return ranges;
}
