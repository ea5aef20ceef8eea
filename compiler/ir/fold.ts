import type { Cond } from "./expr.ts";
import { type Ranges, rangeOf, subtract } from "./index-expr.ts";
import { flatMapSame, mapBlocks, mapSame, mapValues } from "./rewrite.ts";
import type { Block, Stmt } from "./stmt.ts";

/** Whether a condition holds everywhere, or nowhere, within the bounds; undefined when that depends. */
export function decide({ op, lhs, rhs }: Cond, ranges: Ranges): boolean | undefined {
  const { min, max } = rangeOf(subtract(lhs, rhs), ranges);
  switch (op) {
    case "lt":
      return max < 0 ? true : min >= 0 ? false : undefined;
    case "ge":
      return min >= 0 ? true : max < 0 ? false : undefined;
    case "eq":
      return min === 0 && max === 0 ? true : min > 0 || max < 0 ? false : undefined;
  }
}

/** The block without the branches and choices that its loops' bounds decide, and without loops left empty. */
export function foldBlock(block: Block, ranges: Ranges): Block {
  return flatMapSame(block, (s) => foldStmt(s, ranges));
}

function foldStmt(s: Stmt, ranges: Ranges): Stmt | Block {
  switch (s.kind) {
    case "for": {
      const inner = new Map(ranges).set(s.axis, { min: 0, max: s.extent - 1 });
      return withoutEmpty(mapBlocks(s, (b) => foldBlock(b, inner)));
    }
    case "alloc":
      return withoutEmpty(mapBlocks(s, (b) => foldBlock(b, ranges)));
    case "if": {
      const known = decide(s.cond, ranges);
      if (known === undefined) return withoutEmpty(mapBlocks(s, (b) => foldBlock(b, ranges)));
      return known ? foldBlock(s.body, ranges) : [];
    }
    case "store":
    case "reduce": {
      const value = mapValues(s.value, (e) => {
        if (e.kind !== "select") return e;
        const known = decide(e.when, ranges);
        return known === undefined ? e : known ? e.then : e.otherwise;
      });
      return value === s.value ? s : { ...s, value };
    }
    case "prefetch":
      return s;
  }
}

function withoutEmpty(s: Stmt): Stmt | Block {
  return "body" in s && s.body.length === 0 ? [] : s;
}

/** The block with every loop's bounds as they are where it stands: `f` sees the bounds around each statement. */
export function mapWithRanges(block: Block, ranges: Ranges, f: (s: Stmt, ranges: Ranges) => Stmt): Block {
  return mapSame(block, (s) => {
    const inner = s.kind === "for" ? new Map(ranges).set(s.axis, { min: 0, max: s.extent - 1 }) : ranges;
    return f(
      mapBlocks(s, (b) => mapWithRanges(b, inner, f)),
      ranges,
    );
  });
}
