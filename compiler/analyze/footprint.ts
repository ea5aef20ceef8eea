import type { Access } from "../ir/expr.ts";
import { axesOf, type Index, looksUp, type Ranges, rangeOf, type Term, ZERO } from "../ir/index-expr.ts";
import { evaluate } from "../ir/interpret-index.ts";
import { walkLoads } from "../ir/rewrite.ts";
import type { Block } from "../ir/stmt.ts";
import { substitute } from "../ir/substitute.ts";

/** Elements of each buffer that a block touches, by buffer. */
export type Footprints = ReadonlyMap<string, number>;

/** Iterations looked at one by one; larger spaces are taken for dense. */
const ENUMERATED = 4096;

/**
 * How many elements of each buffer a block touches while its own loops run and those around it stand still.
 * Per dimension the values of the indices are counted, those of several accesses put together; a buffer's
 * footprint is the product, so it is exact for boxes and too large for diagonals. Conditions are taken to hold.
 */
export function footprints(block: Block, counts: (buffer: string) => boolean): Footprints {
  const boxes = new Map<string, Dimension[]>();
  const touch = ({ buffer, at }: Access, ranges: Ranges): void => {
    if (!counts(buffer)) return;
    const box = boxes.get(buffer) ?? at.map(emptyDimension);
    at.forEach((index, d) => {
      extend(box[d], index, ranges);
    });
    boxes.set(buffer, box);
  };
  const visit = (inner: Block, ranges: Ranges): void => {
    for (const s of inner) {
      if (s.kind === "for") visit(s.body, new Map(ranges).set(s.axis, { min: 0, max: s.extent - 1 }));
      else if (s.kind === "alloc" || s.kind === "if") visit(s.body, ranges);
      else if (s.kind !== "prefetch") {
        touch(s, ranges);
        walkLoads(s.value, (l) => touch(l, ranges));
      }
    }
  };
  visit(block, new Map());
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

function emptyDimension(): Dimension {
  return { seen: new Set(), min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, values: 0 };
}

function extend(d: Dimension, index: Index, ranges: Ranges): void {
  const moving = still(index, ranges);
  const extents = [...axesOf(moving)].map((axis) => ranges.get(axis)?.max);
  const key = JSON.stringify([moving, extents]);
  if (d.seen.has(key)) return;
  d.seen.add(key);
  const { min, max } = rangeOf(moving, ranges);
  d.min = Math.min(d.min, min);
  d.max = Math.max(d.max, max);
  d.values += distinct(moving, ranges, max - min + 1);
}

/** The index with the axes that stand still at 0, and so the elements of tables that they choose. */
function still(index: Index, ranges: Ranges): Index {
  const fixed = [...axesOf(index)].filter((axis) => !ranges.has(axis));
  const moving = substitute(index, new Map(fixed.map((axis) => [axis, ZERO])), ranges);
  const moves = ({ atom }: Term): boolean => atom.kind !== "lookup" || axesOf(atom.of).size > 0;
  return moving.terms.every(moves) ? moving : { ...moving, terms: moving.terms.filter(moves) };
}

function distinct(index: Index, ranges: Ranges, dense: number): number {
  const axes = [...axesOf(index)].map((axis) => ({ axis, extent: (ranges.get(axis)?.max ?? 0) + 1 }));
  const space = axes.reduce((n, { extent }) => n * extent, 1);
  if (looksUp(index)) return Math.min(space, dense);
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
