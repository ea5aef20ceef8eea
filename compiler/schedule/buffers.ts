import type { Index } from "../ir/index-expr.ts";
import { flatMapSame, mapBlocks, mapStmt, walk } from "../ir/rewrite.ts";
import type { AllocStmt, Block, ForStmt, Stmt } from "../ir/stmt.ts";

/** A declaration of a local buffer and the loops crossed on the way down to it. */
export interface Declared {
  readonly alloc: AllocStmt;
  readonly crossed: readonly ForStmt[];
}

/** Every declaration of a buffer below a block, in text order. */
export function declarationsOf(block: Block, buffer: string, crossed: readonly ForStmt[] = []): Declared[] {
  return block.flatMap((s) => {
    if (s.kind === "alloc" && s.buffer === buffer) return [{ alloc: s, crossed }];
    if (s.kind === "for") return declarationsOf(s.body, buffer, [...crossed, s]);
    return s.kind === "alloc" || s.kind === "if" ? declarationsOf(s.body, buffer, crossed) : [];
  });
}

/** Whether a buffer is declared below a block. */
export function declares(block: Block, buffer: string): boolean {
  return block.some(
    (s) => (s.kind === "alloc" && s.buffer === buffer) || ("body" in s && declares(s.body, buffer)),
  );
}

/** Rewrites every declaration of a buffer. */
export function rewriteAllocs(block: Block, buffer: string, f: (alloc: AllocStmt) => Stmt | Block): Block {
  return flatMapSame(block, (s) =>
    s.kind === "alloc" && s.buffer === buffer ? f(s) : mapBlocks(s, (b) => rewriteAllocs(b, buffer, f)),
  );
}

/** The block with each access of a buffer rewritten; prefetches of it are dropped. */
export function mapAccesses(
  block: Block,
  buffer: string,
  f: (at: readonly Index[]) => { readonly buffer: string; readonly at: readonly Index[] },
): Block {
  return withoutPrefetch(block, buffer).map((s) =>
    mapStmt(
      s,
      (i) => i,
      (e) => (e.kind === "load" && e.buffer === buffer ? { ...e, ...f(e.at) } : e),
      (t) => ((t.kind === "store" || t.kind === "reduce") && t.buffer === buffer ? { ...t, ...f(t.at) } : t),
    ),
  );
}

/** The block without prefetches of a buffer: a hint for memory that is no longer touched helps nobody. */
export function withoutPrefetch(block: Block, buffer: string): Block {
  return flatMapSame(block, (s) => {
    if (s.kind === "prefetch" && s.buffer === buffer) return [];
    const inner = mapBlocks(s, (b) => withoutPrefetch(b, buffer));
    return "body" in inner && inner.body.length === 0 ? [] : inner;
  });
}

/** Names of all buffers a block allocates. */
export function allocatedIn(block: Block): Set<string> {
  const names = new Set<string>();
  walk(block, (s) => {
    if (s.kind === "alloc") names.add(s.buffer);
  });
  return names;
}
