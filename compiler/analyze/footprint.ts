import type { Access } from "../ir/expr.ts";
import { axesOf, evaluate, type Index, type Ranges, rangeOf, substitute, ZERO } from "../ir/index-expr.ts";
import { walk, walkLoads } from "../ir/rewrite.ts";
import type { Block } from "../ir/stmt.ts";

/** Elements of each buffer that a block touches, by buffer. */
export type Footprints = ReadonlyMap<string, number>;

/** Iterations looked at one by one; larger spaces are taken for dense. */
const ENUMERATED = 4096;

/**
 * How many elements of each buffer a block touches while the axes of `ranges` run and all others stand still.
 * Per dimension the values of the indices are counted, those of several accesses put together; a buffer's
 * footprint is the product, so it is exact for boxes and too large for diagonals. Conditions are taken to hold.
 */
export function footprints(block: Block, ranges: Ranges, counts: (buffer: string) => boolean): Footprints {
  const boxes = new Map<string, Dimension[]>();
  const touch = ({ buffer, at }: Access): void => {
    if (!counts(buffer)) return;
    const box =
      boxes.get(buffer) ??
      at.map(() => ({ seen: new Set<string>(), min: Infinity, max: -Infinity, values: 0 }));
    at.forEach((index, d) => {
      extend(box[d], index, ranges);
    });
    boxes.set(buffer, box);
  };
  walk(block, (s) => {
    if (s.kind !== "store" && s.kind !== "reduce") return;
    touch(s);
    walkLoads(s.value, touch);
  });
  return new Map(
    [...boxes].map(([buffer, box]) => [
      buffer,
      box.reduce((n, d) => n * Math.min(d.values, d.max - d.min + 1), 1),
    ]),
  );
}

/** Values one index of a buffer takes: bounds over all accesses, and how many at most. */
interface Dimension {
  readonly seen: Set<string>;
  min: number;
  max: number;
  values: number;
}

function extend(d: Dimension, index: Index, ranges: Ranges): void {
  const moving = still(index, ranges);
  const key = JSON.stringify(moving);
  if (d.seen.has(key)) return;
  d.seen.add(key);
  const { min, max } = rangeOf(moving, ranges);
  d.min = Math.min(d.min, min);
  d.max = Math.max(d.max, max);
  d.values += distinct(moving, ranges, max - min + 1);
}

/** The index with the axes that stand still at 0. */
function still(index: Index, ranges: Ranges): Index {
  const fixed = [...axesOf(index)].filter((axis) => !ranges.has(axis));
  return fixed.length === 0 ? index : substitute(index, new Map(fixed.map((axis) => [axis, ZERO])), ranges);
}

function distinct(index: Index, ranges: Ranges, dense: number): number {
  const axes = [...axesOf(index)].map((axis) => ({ axis, extent: (ranges.get(axis)?.max ?? 0) + 1 }));
  const space = axes.reduce((n, { extent }) => n * extent, 1);
  if (space > ENUMERATED) return dense;
  const seen = new Set<number>();
  const values = new Map<string, number>();
  const visit = (depth: number): void => {
    if (depth === axes.length) {
      seen.add(evaluate(index, values));
      return;
    }
    for (let i = 0; i < axes[depth].extent; i++) {
      values.set(axes[depth].axis, i);
      visit(depth + 1);
    }
  };
  visit(0);
  return seen.size;
}
