import type { DType } from "../ir/dtype.ts";
import type { Cond } from "../ir/expr.ts";
import { axis, combine, constant, type Index, type Ranges } from "../ir/index-expr.ts";
import type { LoopProc } from "../ir/proc.ts";
import { flatMapSame, mapBlocks, mapStmt, walk } from "../ir/rewrite.ts";
import type { Block, ForStmt, Stmt } from "../ir/stmt.ts";
import { substitute } from "../ir/substitute.ts";

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
  const rewrite = (b: Block): Block => flatMapSame(b, each);
  const each = (s: Stmt): Stmt | Block =>
    s.kind === "for" && s.axis === name ? f(s) : mapBlocks(s, rewrite);
  return rewrite(block);
}

/** What surrounds a block: bounds of the loops, the conditions that hold, shapes and types of the buffers there are. */
export interface Surroundings {
  readonly ranges: Ranges;
  readonly guards: readonly Cond[];
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly types: ReadonlyMap<string, DType>;
}

/** What surrounds a procedure's body: its parameters. */
export function outermost(proc: LoopProc): Surroundings {
  return {
    ranges: new Map(),
    guards: [],
    shapes: new Map(proc.params.map((p) => [p.name, p.storage.shape])),
    types: new Map(proc.params.map((p) => [p.name, p.dtype])),
  };
}

/** The surroundings inside a statement's body. */
export function enter(s: Stmt, around: Surroundings): Surroundings {
  if (s.kind === "if") return { ...around, guards: [...around.guards, s.cond] };
  if (s.kind === "alloc") {
    const types = new Map(around.types).set(s.buffer, s.dtype);
    return { ...around, shapes: new Map(around.shapes).set(s.buffer, s.shape), types };
  }
  if (s.kind !== "for") return around;
  return { ...around, ranges: new Map(around.ranges).set(s.axis, { min: 0, max: s.extent - 1 }) };
}

/**
 * Rewrites the body of every loop of this name, or with no name the whole procedure's; `f` may ask for what
 * surrounds it.
 */
export function rewriteBodies(
  proc: LoopProc,
  at: string | undefined,
  f: (body: Block, around: () => Surroundings) => Block,
): LoopProc {
  if (at === undefined)
    return withBody(
      proc,
      f(proc.body, () => outermost(proc)),
    );
  const rewrite = (block: Block, above: readonly Stmt[]): Block =>
    flatMapSame(block, (s) => {
      if (!("body" in s)) return s;
      const path = [...above, s];
      if (s.kind !== "for" || s.axis !== at) return mapBlocks(s, (b) => rewrite(b, path));
      const around = (): Surroundings =>
        path.reduce((outside, stmt) => enter(stmt, outside), outermost(proc));
      return mapBlocks(s, (b) => f(b, around));
    });
  return withBody(proc, rewrite(proc.body, []));
}

/** Bodies of every loop of this name, or with no name the whole procedure's, and what surrounds them. */
export function bodiesAt(
  proc: LoopProc,
  at: string | undefined,
): readonly { readonly body: Block; readonly around: () => Surroundings }[] {
  const found: { readonly body: Block; readonly around: () => Surroundings }[] = [];
  rewriteBodies(proc, at, (body, around) => {
    found.push({ body, around });
    return body;
  });
  return found;
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
