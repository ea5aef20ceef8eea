import { axesOf, combine, type Index, indexKey, type Term } from "../ir/index-expr.ts";
import type { Param } from "../ir/proc.ts";
import { mapOperands, type VBlock, type VExpr, type VStmt } from "../ir/vector.ts";
import type { Names } from "./names.ts";

/** What remains of an address below some loop: a pointer, and the terms of inner loops. */
interface Site {
  readonly buffer: string;
  readonly at: Index;
}

/**
 * Splits addresses along the loops: each loop makes one pointer for all accesses that move with it alike,
 * so that what is left in the innermost loop is a pointer and a constant.
 */
export function introducePointers(
  block: VBlock,
  params: readonly Param[],
  grid: readonly { readonly axis: string }[],
  names: Names,
): VBlock {
  const arrays = arraysIn(block).map((array) => array.name);
  const writable = new Set([...params.filter((p) => p.role === "output").map((p) => p.name), ...arrays]);
  const buffers = new Set([...params.map((p) => p.name), ...arrays]);
  /** Rewrites a block whose scope just gained `axes`; `known` are all axes in scope. */
  const enter = (
    b: VBlock,
    axes: readonly string[],
    known: ReadonlySet<string>,
    pointers: ReadonlyMap<string, string>,
  ): VBlock => {
    const inScope = new Set([...known, ...axes]);
    const made: VStmt[] = [];
    const mine = new Map(pointers);
    for (const site of sites(b, buffers)) {
      const settled = settledPart(site.at, inScope);
      const key = siteKey(site.buffer, settled);
      if (mine.has(key) || settled.terms.length === 0) continue;
      const before = settledPart(site.at, known);
      const outer = mine.get(siteKey(site.buffer, before));
      const base = outer ?? site.buffer;
      const step = combine([
        [settled, 1],
        [before, outer === undefined ? 0 : -1],
      ]);
      const name = names.numbered(`${site.buffer}_p`);
      made.push({ kind: "pointer", name, base, at: step, writable: writable.has(site.buffer) });
      mine.set(key, name);
    }
    const rebase = (buffer: string, at: Index): Site => {
      const settled = settledPart(at, inScope);
      const rest = combine([
        [at, 1],
        [settled, -1],
      ]);
      return { buffer: mine.get(siteKey(buffer, settled)) ?? buffer, at: rest };
    };
    const rewrite = (e: VExpr): VExpr => {
      if (e.kind === "load" && buffers.has(e.buffer)) return { ...e, ...rebase(e.buffer, e.at) };
      return mapOperands(e, rewrite);
    };
    const body = b.map((s): VStmt => {
      switch (s.kind) {
        case "for":
          return { ...s, body: enter(s.body, [s.axis], inScope, mine) };
        case "if":
          return { ...s, body: enter(s.body, [], inScope, mine) };
        case "let":
        case "set":
          return { ...s, value: rewrite(s.value) };
        case "store":
          return { ...s, ...(buffers.has(s.buffer) ? rebase(s.buffer, s.at) : {}), value: rewrite(s.value) };
        case "prefetch":
          return { ...s, ...rebase(s.buffer, s.at) };
        case "declare":
        case "array":
        case "fence":
        case "pointer":
          return s;
      }
    });
    const isArray = (t: VStmt): boolean => t.kind === "array";
    return [...body.filter(isArray), ...made, ...body.filter((t) => !isArray(t))];
  };
  return enter(
    block,
    grid.map((g) => g.axis),
    new Set(),
    new Map(),
  );
}

/** All local arrays of a block. */
export function arraysIn(block: VBlock): Extract<VStmt, { readonly kind: "array" }>[] {
  return block.flatMap((s) => {
    if (s.kind === "array") return [s];
    return s.kind === "for" || s.kind === "if" ? arraysIn(s.body) : [];
  });
}

function siteKey(buffer: string, settled: Index): string {
  return `${buffer}:${indexKey(settled)}`;
}

/** The terms of an index whose axes are all known; never the constant. */
function settledPart(at: Index, known: ReadonlySet<string>): Index {
  const isKnown = (t: Term): boolean => [...axesOf({ terms: [t], offset: 0 })].every((a) => known.has(a));
  return { terms: at.terms.filter(isKnown), offset: 0 };
}

/** Every access of a block to a parameter or an array that exists there, first come first. */
function sites(block: VBlock, buffers: ReadonlySet<string>): Site[] {
  const found: Site[] = [];
  const visit = (e: VExpr): void => {
    if (e.kind === "load" && buffers.has(e.buffer)) found.push(e);
    mapOperands(e, (o) => {
      visit(o);
      return o;
    });
  };
  for (const s of block) {
    if (s.kind === "for" || s.kind === "if") {
      const own = new Set(arraysIn(s.body).map((array) => array.name));
      found.push(...sites(s.body, buffers).filter((site) => !own.has(site.buffer)));
    } else if (s.kind === "let" || s.kind === "set" || s.kind === "store") {
      visit(s.value);
      if (s.kind === "store" && buffers.has(s.buffer)) found.push(s);
    } else if (s.kind === "prefetch") found.push(s);
  }
  return found;
}
