import {
  add,
  combine,
  constant,
  type Index,
  lookup,
  type Range,
  type Ranges,
  rangeOf,
} from "../ir/index-expr.ts";
import { mapCond, mapIndices } from "../ir/rewrite-vector.ts";
import type { VBlock, VectorProc, VStmt } from "../ir/vector.ts";
import { invariant } from "../support/assert.ts";

/**
 * Moves what is divided up by a multiple of the divisor until it is never negative. Until here `/` rounds down and `%` is
 * never negative; C rounds towards zero, which then is the same.
 */
export function neverNegative(block: VBlock, grid: VectorProc["grid"]): VBlock {
  return inBlock(block, gridRanges(grid));
}

/** Bounds of the axes of a grid. */
export function gridRanges(grid: VectorProc["grid"]): Ranges {
  return new Map(grid.map(({ axis, extent }) => [axis, { min: 0, max: extent - 1 }]));
}

function inBlock(block: VBlock, ranges: Ranges): VBlock {
  const f = (index: Index): Index => raised(index, ranges);
  return block.map((s): VStmt => {
    switch (s.kind) {
      case "for":
        return { ...s, body: inBlock(s.body, new Map(ranges).set(s.axis, { min: 0, max: s.extent - 1 })) };
      case "if":
        return { ...s, cond: mapCond(s.cond, f), body: inBlock(s.body, ranges) };
      case "let":
      case "set": {
        const value = mapIndices(s.value, f);
        return value === s.value ? s : { ...s, value };
      }
      case "store": {
        const at = f(s.at);
        const value = mapIndices(s.value, f);
        return at === s.at && value === s.value ? s : { ...s, at, value };
      }
      case "prefetch":
      case "pointer":
        return { ...s, at: f(s.at) };
      case "declare":
      case "array":
      case "fence":
        return s;
    }
  });
}

function raised(index: Index, ranges: Ranges): Index {
  if (index.terms.every(({ atom }) => atom.kind === "axis")) return index;
  return combine(
    index.terms.map(({ coef, atom }) => {
      if (atom.kind === "axis") return [{ terms: [{ coef: 1, atom }], offset: 0 }, coef] as const;
      const of = raised(atom.of, ranges);
      if (atom.kind === "lookup") return [lookup(atom.table, of), coef] as const;
      const { min }: Range = rangeOf(of, ranges);
      invariant(Number.isFinite(min), "what is divided has no lower bound");
      const low = Math.min(0, Math.floor(min / atom.by));
      const moved = { ...atom, of: add(of, constant(-low * atom.by)) };
      return [{ terms: [{ coef: 1, atom: moved }], offset: atom.kind === "div" ? low : 0 }, coef] as const;
    }),
    index.offset,
  );
}
