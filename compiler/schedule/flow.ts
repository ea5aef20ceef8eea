import type { Ranges } from "../ir/index-expr.ts";
import { flatMapSame } from "../ir/rewrite.ts";
import type { Block, Stmt } from "../ir/stmt.ts";
import type { Diagnostic } from "../support/diagnostic.ts";
import { accessesOf, type TouchedAt } from "./accesses.ts";
import { meet } from "./dependence.ts";
import { refuse } from "./primitive.ts";

/** How a local buffer passes through a block: the statements that make it, and those that only read it. */
export interface Flow {
  readonly block: Block;
  readonly producers: readonly Stmt[];
  readonly consumers: readonly Stmt[];
  /** Everything from the first producer on that is no producer. */
  readonly after: readonly Stmt[];
}

function touches(s: Stmt, buffer: string): boolean {
  return accessesOf([s]).some((t) => t.buffer === buffer);
}

/**
 * The innermost block with more than a declaration that touches the buffer, below the buffer's own; the
 * statements of that block that touch it are rewritten by `f`.
 */
export function rewriteFlow(body: Block, buffer: string, f: (s: Stmt) => Stmt | Block): Block {
  const only = onlyDeclaration(body, buffer);
  return flatMapSame(body, (s) =>
    s === only && s.kind === "alloc" ? { ...s, body: rewriteFlow(s.body, buffer, f) } : only ? s : f(s),
  );
}

function onlyDeclaration(body: Block, buffer: string): Stmt | undefined {
  const touching = body.filter((s) => touches(s, buffer));
  return touching.length === 1 && touching[0].kind === "alloc" ? touching[0] : undefined;
}

/** How a buffer flows through the body of its declaration. */
export function flowOf(body: Block, buffer: string): Flow {
  const only = onlyDeclaration(body, buffer);
  if (only?.kind === "alloc") return flowOf(only.body, buffer);
  const touching = body.filter((s) => touches(s, buffer));
  const writes = (s: Stmt): boolean => accessesOf([s]).some((t) => t.buffer === buffer && t.kind !== "read");
  const producers = touching.filter(writes);
  const consumers = touching.filter((s) => !writes(s));
  const first = producers.length === 0 ? body.length : body.indexOf(producers[0]);
  return {
    block: body,
    producers,
    consumers,
    after: body.slice(first).filter((s) => !producers.includes(s)),
  };
}

/** Refuses to run the producers of a buffer later, where it is used, when something would change by that. */
export function checkLater(
  title: string,
  flow: Flow,
  buffer: string,
  around: Ranges,
): Diagnostic | undefined {
  const why = whyNotLater(flow, buffer, around);
  return why === undefined ? undefined : refuse("S116", `${title}: what makes it cannot move there`, why);
}

function whyNotLater(flow: Flow, buffer: string, around: Ranges): string | undefined {
  const { block, producers, consumers, after } = flow;
  if (producers.length === 0) return "nothing writes it";
  if (consumers.length === 0) return "it is written and read by the same statement";
  const lastMade = Math.max(...producers.map((s) => block.indexOf(s)));
  if (consumers.some((s) => block.indexOf(s) < lastMade)) return "it is written again after it is read";
  const made = accessesOf(producers);
  const other = made.find((t) => t.kind !== "read" && t.buffer !== buffer);
  if (other !== undefined) return `the statements that make it also write ${other.buffer}`;
  const changed = overlap(
    made.filter((t) => t.buffer !== buffer),
    accessesOf(after).filter((t) => t.kind !== "read"),
    around,
  );
  return changed === undefined
    ? undefined
    : `${changed} is read to make it, and written before or while it is used`;
}

/** An element both lists may touch. */
function overlap(
  reads: readonly TouchedAt[],
  writes: readonly TouchedAt[],
  around: Ranges,
): string | undefined {
  for (const r of reads) {
    for (const w of writes) {
      if (r.buffer !== w.buffer) continue;
      const met = meet(r, w, new Map(), around);
      if (met !== undefined) return met === "unknown" ? r.buffer : met.element;
    }
  }
  return undefined;
}
