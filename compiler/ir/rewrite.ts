import { type Expr, entry } from "./expr.ts";
import type { Index } from "./index-expr.ts";
import type { Block, Stmt } from "./stmt.ts";

/** Maps an array; the same array comes back when no element changed. */
export function mapSame<T>(items: readonly T[], f: (item: T) => T): readonly T[] {
  let out: T[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const next = f(items[i]);
    if (next !== items[i]) out ??= items.slice(0, i);
    out?.push(next);
  }
  return out ?? items;
}

/** Rewrites each statement of a block to any number of statements; same block when nothing changed. */
export function flatMapSame(block: Block, f: (stmt: Stmt) => Stmt | Block): Block {
  let out: Stmt[] | undefined;
  for (let i = 0; i < block.length; i++) {
    const next = f(block[i]);
    if (next !== block[i]) out ??= block.slice(0, i);
    if (out === undefined) continue;
    if (Array.isArray(next)) out.push(...(next as Block));
    else out.push(next as Stmt);
  }
  return out ?? block;
}

/** The statement with its nested blocks rewritten. */
export function mapBlocks(stmt: Stmt, f: (block: Block) => Block): Stmt {
  switch (stmt.kind) {
    case "for":
    case "alloc":
    case "if": {
      const body = f(stmt.body);
      return body === stmt.body ? stmt : { ...stmt, body };
    }
    case "store":
    case "reduce":
    case "prefetch":
      return stmt;
  }
}

/** Loads that were rewritten before, and what became of them: statements that have one in common have one afterwards. */
export type Rewritten = Map<Expr, Expr>;

/** Rewrites what an expression is made of; the same comes back when nothing changed. */
function mapParts(e: Expr, f: (part: Expr) => Expr): Expr {
  switch (e.kind) {
    case "literal":
    case "load":
    case "table":
    case "index":
      return e;
    case "binary": {
      const lhs = f(e.lhs);
      const rhs = f(e.rhs);
      return lhs === e.lhs && rhs === e.rhs ? e : { ...e, lhs, rhs };
    }
    case "call": {
      const args = mapSame(e.args, f);
      return args === e.args ? e : { ...e, args };
    }
    case "unary":
    case "convert": {
      const value = f(e.value);
      return value === e.value ? e : { ...e, value };
    }
    case "select": {
      const then = f(e.then);
      const otherwise = f(e.otherwise);
      return then === e.then && otherwise === e.otherwise ? e : { ...e, then, otherwise };
    }
  }
}

/** Rewrites an expression and all below it, bottom up; addresses stay. */
export function mapValues(e: Expr, f: (e: Expr) => Expr): Expr {
  const map = (x: Expr): Expr => f(mapParts(x, map));
  return map(e);
}

/** Rewrites every address and every buffer access of an expression, bottom up. */
export function mapExpr(
  e: Expr,
  onIndex: (i: Index) => Index,
  onExpr: (e: Expr) => Expr = same,
  loads?: Rewritten,
): Expr {
  switch (e.kind) {
    case "load": {
      const before = loads?.get(e);
      if (before !== undefined) return before;
      const at = mapSame(e.at, onIndex);
      const load = onExpr(at === e.at ? e : { kind: "load", buffer: e.buffer, at, dtype: e.dtype });
      loads?.set(e, load);
      return load;
    }
    case "table": {
      const at = mapSame(e.at, onIndex);
      return onExpr(at === e.at ? e : entry(e.table, at));
    }
    case "index": {
      const index = onIndex(e.index);
      return onExpr(index === e.index ? e : { ...e, index });
    }
    case "select": {
      const lhs = onIndex(e.when.lhs);
      const rhs = onIndex(e.when.rhs);
      const when = lhs === e.when.lhs && rhs === e.when.rhs ? e : { ...e, when: { ...e.when, lhs, rhs } };
      return onExpr(mapParts(when, (part) => mapExpr(part, onIndex, onExpr, loads)));
    }
    default:
      return onExpr(mapParts(e, (part) => mapExpr(part, onIndex, onExpr, loads)));
  }
}

function same<T>(item: T): T {
  return item;
}

/** Visits every address of a block: those of accesses, of conditions, and numbers made of them. */
export function walkIndices(block: Block, visit: (i: Index) => void): void {
  const seen = (index: Index): Index => {
    visit(index);
    return index;
  };
  for (const stmt of block) mapStmt(stmt, seen);
}

/** Rewrites a statement and everything below it: addresses, then expressions, then statements. */
export function mapStmt(
  stmt: Stmt,
  onIndex: (i: Index) => Index,
  onExpr: (e: Expr) => Expr = same,
  onStmt: (s: Stmt) => Stmt = same,
  loads?: Rewritten,
): Stmt {
  switch (stmt.kind) {
    case "for":
    case "alloc":
      return onStmt(mapBlocks(stmt, (b) => mapSame(b, (s) => mapStmt(s, onIndex, onExpr, onStmt, loads))));
    case "if": {
      const lhs = onIndex(stmt.cond.lhs);
      const rhs = onIndex(stmt.cond.rhs);
      const cond = lhs === stmt.cond.lhs && rhs === stmt.cond.rhs ? stmt.cond : { ...stmt.cond, lhs, rhs };
      const body = mapSame(stmt.body, (s) => mapStmt(s, onIndex, onExpr, onStmt, loads));
      return onStmt(cond === stmt.cond && body === stmt.body ? stmt : { ...stmt, cond, body });
    }
    case "prefetch": {
      const at = mapSame(stmt.at, onIndex);
      return onStmt(at === stmt.at ? stmt : { ...stmt, at });
    }
    case "store":
    case "reduce": {
      const at = mapSame(stmt.at, onIndex);
      const value = mapExpr(stmt.value, onIndex, onExpr, loads);
      return onStmt(at === stmt.at && value === stmt.value ? stmt : { ...stmt, at, value });
    }
  }
}

/** Visits every statement of a block, parents first. */
export function walk(block: Block, visit: (stmt: Stmt) => void): void {
  for (const stmt of block) {
    visit(stmt);
    if (stmt.kind === "for" || stmt.kind === "alloc" || stmt.kind === "if") walk(stmt.body, visit);
  }
}

/** Visits every load of an expression. */
export function walkLoads(e: Expr, visit: (load: Extract<Expr, { kind: "load" }>) => void): void {
  switch (e.kind) {
    case "load":
      visit(e);
      return;
    case "binary":
      walkLoads(e.lhs, visit);
      walkLoads(e.rhs, visit);
      return;
    case "call":
      for (const arg of e.args) walkLoads(arg, visit);
      return;
    case "unary":
    case "convert":
      walkLoads(e.value, visit);
      return;
    case "select":
      walkLoads(e.then, visit);
      walkLoads(e.otherwise, visit);
      return;
    case "literal":
    case "table":
    case "index":
      return;
  }
}

/** Visits an expression and all below it, parents first. */
export function walkExpr(e: Expr, visit: (e: Expr) => void): void {
  visit(e);
  for (const part of partsOf(e)) walkExpr(part, visit);
}

/** What an expression is made of. */
export function partsOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "binary":
      return [e.lhs, e.rhs];
    case "call":
      return e.args;
    case "unary":
    case "convert":
      return [e.value];
    case "select":
      return [e.then, e.otherwise];
    case "literal":
    case "load":
    case "table":
    case "index":
      return [];
  }
}
