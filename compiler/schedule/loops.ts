import { axis, combine, constant, type Index, type Ranges, substitute } from "../ir/index-expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import { flatMapSame, mapBlocks, mapStmt, walk } from "../ir/rewrite.ts";
import type { AllocStmt, Block, ForStmt, Stmt } from "../ir/stmt.ts";

/** Every loop with this axis name, in text order. */
export function loopsNamed(block: Block, name: string): ForStmt[] {
  const found: ForStmt[] = [];
  walk(block, (s) => {
    if (s.kind === "for" && s.axis === name) found.push(s);
  });
  return found;
}

/** Rewrites every loop of this name; other statements keep their identity. */
export function rewriteLoops(block: Block, name: string, f: (loop: ForStmt) => Stmt | Block): Block {
  return flatMapSame(block, (s) =>
    s.kind === "for" && s.axis === name ? f(s) : mapBlocks(s, (b) => rewriteLoops(b, name, f)),
  );
}

export function withBody(proc: LoopProc, body: Block): LoopProc {
  return body === proc.body ? proc : { ...proc, body };
}

/** A block with axes replaced by indices. */
export function substituteBlock(block: Block, by: ReadonlyMap<string, Index>, ranges: Ranges): Block {
  const onIndex = (i: Index): Index => substitute(i, by, ranges);
  return block.map((s) => mapStmt(s, onIndex));
}

/** outer * factor + inner + offset, as an index. */
export function tiled(outer: string, factor: number, inner: string, offset = 0): Index {
  return combine([
    [axis(outer), factor],
    [axis(inner), 1],
    [constant(offset), 1],
  ]);
}

/** The alloc statement of a buffer below a block, with the loops crossed on the way down. */
export function findAlloc(
  block: Block,
  buffer: string,
  crossed: readonly ForStmt[] = [],
): { readonly alloc: AllocStmt; readonly crossed: readonly ForStmt[] } | undefined {
  for (const s of block) {
    if (s.kind === "alloc" && s.buffer === buffer) return { alloc: s, crossed };
    if (s.kind === "for" || s.kind === "alloc" || s.kind === "if") {
      const found = findAlloc(s.body, buffer, s.kind === "for" ? [...crossed, s] : crossed);
      if (found) return found;
    }
  }
  return undefined;
}
