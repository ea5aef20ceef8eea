import {
  add,
  axesOf,
  constant,
  type Index,
  indexKey,
  type Ranges,
  rangeOf,
  staysInTables,
  subtract,
  type Term,
} from "../ir/index-expr.ts";
import type { Param } from "../ir/proc.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import { physicalSize } from "../ir/storage.ts";
import { operands, type VBlock, type VExpr, type VectorProc, type VStmt } from "../ir/vector.ts";
import { assertNever, defined } from "../support/assert.ts";
import { gridRanges } from "./divisions.ts";
import type { Names } from "./names.ts";

/** What remains of an address below some loop: a pointer, and the terms of inner loops. */
interface Site {
  readonly buffer: string;
  readonly at: Index;
}

/** All places of a buffer that differ by constants: `at` is where they would be without. There are few of them for many accesses. */
type Row = Site;

/** A pointer and where it points: elements from the start of its buffer. */
interface Pointer {
  readonly name: string;
  readonly at: Index;
}

/**
 * Splits addresses along the loops: each loop makes one pointer for all accesses that move with it alike,
 * so that what is left in the innermost loop is a pointer and a constant. A pointer never leaves its buffer, as the C
 * compiler takes for granted: its first place is the buffer's start, and where that is not enough, there is none.
 */
export function introducePointers(
  block: VBlock,
  params: readonly Param[],
  grid: VectorProc["grid"],
  names: Names,
): VBlock {
  const arrays = arraysIn(block);
  const writable = new Set([...params.filter((p) => p.role === "output"), ...arrays].map((b) => b.name));
  const buffers = new Map([
    ...params.map((p) => [p.name, { size: physicalSize(p.storage), dtype: p.dtype }] as const),
    ...arrays.map((array) => [array.name, array] as const),
  ]);
  const { rowOf, rowsIn } = openRows(buffers);
  /** Rewrites a block whose scope just gained `axes`; `known` are the bounds of all axes in scope. */
  const enter = (b: VBlock, axes: Ranges, known: Ranges, pointers: ReadonlyMap<string, Pointer>): VBlock => {
    const inScope = new Map([...known, ...axes]);
    const made: VStmt[] = [];
    const mine = new Map(pointers);
    for (const { buffer, at } of rowsIn(b)) {
      const settled = settledPart(at, inScope);
      const key = siteKey(buffer, settled);
      if (mine.has(key) || settled.terms.length === 0) continue;
      const { size, dtype } = defined(buffers.get(buffer), buffer);
      const place = fromStart(settled, size, inScope);
      if (place === undefined) continue;
      const outer = mine.get(siteKey(buffer, settledPart(at, known)));
      const step = outer === undefined ? place : subtract(place, outer.at);
      const name = names.numbered(`${buffer}_p`);
      const base = outer?.name ?? buffer;
      made.push({ kind: "pointer", name, base, dtype, at: step, writable: writable.has(buffer) });
      mine.set(key, { name, at: place });
    }
    const pointerOf = ({ buffer, at }: Row): Pointer | undefined =>
      mine.get(siteKey(buffer, settledPart(at, inScope)));
    const bases = new Map([...rowsIn(b)].map((row) => [row, fromPointer(row, pointerOf(row))]));
    const rebase = ({ buffer, at }: Site): Site => {
      const base = defined(bases.get(rowOf(buffer, at)), buffer);
      return { buffer: base.buffer, at: add(base.at, constant(at.offset)) };
    };
    const rewrite = (e: VExpr): VExpr => {
      return e.kind === "load" && buffers.has(e.buffer) ? { ...e, ...rebase(e) } : mapOperands(e, rewrite);
    };
    const body = b.map((s) =>
      mapStatement(s, {
        value: rewrite,
        place: (site) => (buffers.has(site.buffer) ? rebase(site) : { buffer: site.buffer, at: site.at }),
        block: (inner, gained) => enter(inner, gained, inScope, mine),
      }),
    );
    const isArray = (t: VStmt): boolean => t.kind === "array";
    return [...body.filter(isArray), ...made, ...body.filter((t) => !isArray(t))];
  };
  return enter(block, gridRanges(grid), new Map(), new Map());
}

function fromPointer(row: Row, pointer: Pointer | undefined): Site {
  return pointer === undefined ? row : { buffer: pointer.name, at: subtract(row.at, pointer.at) };
}

interface Rewrites {
  readonly value: (e: VExpr) => VExpr;
  readonly place: (site: Site) => Site;
  /** A block whose scope gains axes. */
  readonly block: (b: VBlock, axes: Ranges) => VBlock;
}

function mapStatement(s: VStmt, { value, place, block }: Rewrites): VStmt {
  switch (s.kind) {
    case "for":
      return { ...s, body: block(s.body, new Map([[s.axis, { min: 0, max: s.extent - 1 }]])) };
    case "if":
      return { ...s, body: block(s.body, new Map()) };
    case "let":
    case "set":
      return { ...s, value: value(s.value) };
    case "store":
      return { ...s, ...place(s), value: value(s.value) };
    case "prefetch":
      return { ...s, ...place(s) };
    case "declare":
    case "array":
    case "fence":
    case "pointer":
      return s;
    default:
      return assertNever(s);
  }
}

/** The index moved so that its least value is 0; undefined where it then may leave the buffer. */
function fromStart(index: Index, size: number, ranges: Ranges): Index | undefined {
  const { min, max } = rangeOf(index, ranges);
  return max - min <= size ? add(index, constant(-min)) : undefined;
}

type LocalArray = Extract<VStmt, { readonly kind: "array" }>;

/** All local arrays of a block. */
export function arraysIn(block: VBlock, into: LocalArray[] = []): readonly LocalArray[] {
  for (const s of block) {
    if (s.kind === "array") into.push(s);
    else if (s.kind === "for" || s.kind === "if") arraysIn(s.body, into);
  }
  return into;
}

function siteKey(buffer: string, settled: Index): string {
  return `${buffer}:${indexKey(settled)}`;
}

/**
 * The terms of an index whose axes are all known; never the constant. An element of a table that is there only under some condition
 * is looked up where that holds.
 */
function settledPart(at: Index, known: Ranges): Index {
  const isKnown = (t: Term): boolean => {
    const alone = { terms: [t], offset: 0 };
    return [...axesOf(alone)].every((a) => known.has(a)) && staysInTables(alone, known);
  };
  return { terms: at.terms.filter(isKnown), offset: 0 };
}

/** The rows of a procedure, each of which is one however often it is asked for, and those of its blocks. */
function openRows(buffers: ReadonlyMap<string, unknown>): {
  readonly rowOf: (buffer: string, at: Index) => Row;
  /** Those of all accesses to a parameter or an array that exists there, first come first. */
  readonly rowsIn: (block: VBlock) => Iterable<Row>;
} {
  const rows = new Map<string, Row>();
  const rowOf = (buffer: string, { terms }: Index): Row => {
    const at = { terms, offset: 0 };
    const key = siteKey(buffer, at);
    const row = rows.get(key) ?? { buffer, at };
    rows.set(key, row);
    return row;
  };
  const known = new Map<VBlock, ReadonlySet<Row>>();
  const rowsIn = (block: VBlock): ReadonlySet<Row> => {
    const before = known.get(block);
    if (before !== undefined) return before;
    const found = new Set<Row>();
    const visit = (e: VExpr): void => {
      if (e.kind === "load" && buffers.has(e.buffer)) found.add(rowOf(e.buffer, e.at));
      for (const o of operands(e)) visit(o);
    };
    for (const s of block) {
      if (s.kind === "for" || s.kind === "if") {
        const own = new Set(arraysIn(s.body).map((array) => array.name));
        for (const row of rowsIn(s.body)) if (!own.has(row.buffer)) found.add(row);
      } else if (s.kind === "let" || s.kind === "set" || s.kind === "store") {
        visit(s.value);
        if (s.kind === "store" && buffers.has(s.buffer)) found.add(rowOf(s.buffer, s.at));
      } else if (s.kind === "prefetch") found.add(rowOf(s.buffer, s.at));
    }
    known.set(block, found);
    return found;
  };
  return { rowOf, rowsIn };
}
