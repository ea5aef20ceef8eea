/**
 * Addresses: integer expressions over loop axes in one normal form, a language apart from values.
 * An index is `offset + sum(coef * atom)`; an atom is an axis, a floor division or remainder of an
 * index by a positive constant, or an element of an index table, of which no more is known than that
 * it lies in 0 .. bound-1. Terms are sorted and merged, so equality is structural.
 */
export interface Index {
  readonly terms: readonly Term[];
  readonly offset: number;
}
export interface Term {
  readonly coef: number;
  readonly atom: Atom;
}
export type Atom =
  | { readonly kind: "axis"; readonly name: string }
  | { readonly kind: "div" | "mod"; readonly of: Index; readonly by: number }
  | { readonly kind: "lookup"; readonly table: IndexTable; readonly of: Index };

/** A parameter of so many known whole numbers, which lie in 0 .. bound-1. */
export interface IndexTable {
  readonly name: string;
  readonly length: number;
  readonly bound: number;
  /** Its numbers are f32 and computed while the kernel runs: each is held there when it is looked up (heldIndex). */
  readonly held?: true;
}

/** Inclusive bounds of an integer. */
export interface Range {
  readonly min: number;
  readonly max: number;
}
/** Bounds of each axis in scope. */
export type Ranges = ReadonlyMap<string, Range>;

export const ZERO: Index = { terms: [], offset: 0 };

/**
 * A whole number, and never -0, so that equal addresses are equal structures. What is computed of floats, such as bounds, is a float
 * to V8 even where it is whole: a single one in an index makes V8 box the numbers of all of them, and give up machine code
 * that reads indices again and again.
 */
export function whole(n: number): number {
  return n === 0 ? 0 : Math.trunc(n);
}

export function constant(offset: number): Index {
  return { terms: [], offset: whole(offset) };
}

export function axis(name: string, coef = 1): Index {
  return coef === 0 ? ZERO : { terms: [{ coef: whole(coef), atom: { kind: "axis", name } }], offset: 0 };
}

/** Element `of` of an index table. */
export function lookup(table: IndexTable, of: Index): Index {
  return { terms: [{ coef: 1, atom: { kind: "lookup", table, of } }], offset: 0 };
}

export function isConstant(index: Index): boolean {
  return index.terms.length === 0;
}

/** Text of an atom: its identity and its sort key. */
function atomKey(atom: Atom): string {
  switch (atom.kind) {
    case "axis":
      return atom.name;
    case "div":
    case "mod":
      return `${atom.kind}(${indexKey(atom.of)},${atom.by})`;
    case "lookup":
      return `${atom.table.held ? `${atom.table.bound}:` : ""}${atom.table.name}[${indexKey(atom.of)}]`;
  }
}

/** Canonical text of an index; equal indices have equal keys. */
export function indexKey(index: Index): string {
  let key = "";
  for (const t of index.terms) key += `${t.coef}*${atomKey(t.atom)}+`;
  return key + index.offset;
}

export function sameIndex(a: Index, b: Index): boolean {
  return a === b || indexKey(a) === indexKey(b);
}

/**
 * offset + sum of scaled indices, normalised: equal terms merge, and a quotient and remainder of one index
 * that make it up again (by * div(i, by) + mod(i, by)) become that index.
 */
export function combine(parts: readonly (readonly [Index, number])[], offset = 0): Index {
  const sum: Sum = { keys: [], terms: [] };
  let total = offset;
  let divided = false;
  // counted loops, here and below: arrays of all kinds come here, and V8 makes machine code of a `for of` over them again and again
  for (let i = 0; i < parts.length; i++) {
    const [index, by] = parts[i];
    const scale = whole(by);
    if (scale === 0) continue;
    total += index.offset * scale;
    if (addTerms(sum, index.terms, scale)) divided = true;
  }
  while (divided) {
    const again = takeWhole(sum);
    if (again === undefined) break;
    total += again.index.offset * again.scale;
    addTerms(sum, again.index.terms, again.scale);
  }
  const { terms } = sum;
  return {
    terms: terms.some((t) => t.coef === 0) ? terms.filter((t) => t.coef !== 0) : terms,
    offset: whole(total),
  };
}

/** Terms by the text of their atoms, in its order: indices have few, so that an array is quicker than a map. */
interface Sum {
  readonly keys: string[];
  readonly terms: Term[];
}

/** Whether there is a remainder among them. */
function addTerms({ keys, terms }: Sum, added: readonly Term[], scale: number): boolean {
  let divided = false;
  // terms of one index are in order: each is looked for behind the one before it
  let at = 0;
  for (let i = 0; i < added.length; i++) {
    const term = added[i];
    const { coef, atom } = term;
    if (atom.kind === "mod") divided = true;
    const key = atomKey(atom);
    while (at < keys.length && keys[at] < key) at++;
    if (keys[at] === key) terms[at] = { coef: coef * scale + terms[at].coef, atom };
    else {
      const scaled = scale === 1 ? term : { coef: coef * scale, atom };
      if (at === keys.length) {
        keys.push(key);
        terms.push(scaled);
      } else {
        keys.splice(at, 0, key);
        terms.splice(at, 0, scaled);
      }
    }
  }
  return divided;
}

/** Takes c * by * div(i, by) and c * mod(i, by) out of a sum; what is left to add instead is c * i. */
function takeWhole({ keys, terms }: Sum): { readonly index: Index; readonly scale: number } | undefined {
  for (const [at, { coef, atom }] of terms.entries()) {
    if (atom.kind !== "mod" || coef === 0) continue;
    const quotient = keys.indexOf(atomKey({ ...atom, kind: "div" }));
    if (terms[quotient]?.coef !== coef * atom.by) continue;
    for (const i of [at, quotient]) terms[i] = { ...terms[i], coef: 0 };
    return { index: atom.of, scale: coef };
  }
  return undefined;
}

export function add(a: Index, b: Index): Index {
  if (a.terms.length === 0) return a.offset === 0 ? b : { terms: b.terms, offset: a.offset + b.offset };
  if (b.terms.length === 0) return b.offset === 0 ? a : { terms: a.terms, offset: a.offset + b.offset };
  return combine([
    [a, 1],
    [b, 1],
  ]);
}

export function subtract(a: Index, b: Index): Index {
  return combine([
    [a, 1],
    [b, -1],
  ]);
}

export function scale(a: Index, by: number): Index {
  if (by === 0) return ZERO;
  if (by === 1) return a;
  const terms = a.terms.map((t) => ({ coef: whole(t.coef * by), atom: t.atom }));
  return { terms, offset: whole(a.offset * by) };
}

/** Bounds of an index given the bounds of its axes; unknown axes make it unbounded. */
export function rangeOf(index: Index, ranges: Ranges): Range {
  let min = index.offset;
  let max = index.offset;
  for (const { coef, atom } of index.terms) {
    const r = atomRange(atom, ranges);
    min += coef > 0 ? coef * r.min : coef * r.max;
    max += coef > 0 ? coef * r.max : coef * r.min;
  }
  return { min, max };
}

const UNBOUNDED: Range = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

function atomRange(atom: Atom, ranges: Ranges): Range {
  if (atom.kind === "axis") return ranges.get(atom.name) ?? UNBOUNDED;
  if (atom.kind === "lookup") return { min: 0, max: atom.table.bound - 1 };
  const of = rangeOf(atom.of, ranges);
  if (atom.kind === "div") return { min: Math.floor(of.min / atom.by), max: Math.floor(of.max / atom.by) };
  return { min: 0, max: Math.min(atom.by - 1, of.min >= 0 ? of.max : atom.by - 1) };
}

/**
 * floor(index / by) and index mod by, simplified: whatever is divisible comes out, and what stays
 * between 0 and by-1 vanishes from the quotient.
 */
export function divMod(
  index: Index,
  divisor: number,
  ranges: Ranges,
): { readonly div: Index; readonly mod: Index } {
  const by = whole(divisor);
  if (by === 1) return { div: index, mod: ZERO };
  const divided: Term[] = [];
  const rest: Term[] = [];
  for (const t of index.terms) {
    if (t.coef % by === 0) divided.push({ coef: whole(t.coef / by), atom: t.atom });
    else rest.push(t);
  }
  const offset = whole(Math.floor(index.offset / by));
  const remainder: Index = { terms: rest, offset: whole(index.offset - offset * by) };
  const quotient: Index = { terms: divided, offset };
  const r = rangeOf(remainder, ranges);
  const low = Math.floor(r.min / by);
  if (Number.isFinite(low) && low === Math.floor(r.max / by)) {
    return { div: add(quotient, constant(low)), mod: add(remainder, constant(-low * by)) };
  }
  const atomOf = (kind: "div" | "mod"): Index => ({
    terms: [{ coef: 1, atom: { kind, of: remainder, by } }],
    offset: 0,
  });
  return { div: add(quotient, atomOf("div")), mod: atomOf("mod") };
}

/** Names of all axes an index depends on. */
export function axesOf(index: Index, into: Set<string> = new Set()): Set<string> {
  for (const { atom } of index.terms) {
    if (atom.kind === "axis") into.add(atom.name);
    else axesOf(atom.of, into);
  }
  return into;
}

export function usesAxis(index: Index, name: string): boolean {
  return index.terms.some(({ atom }) =>
    atom.kind === "axis" ? atom.name === name : usesAxis(atom.of, name),
  );
}

/** Coefficient of an axis that occurs affinely; undefined when it also occurs inside a division. */
export function coefficient(index: Index, name: string): number | undefined {
  let coef = 0;
  for (const { coef: c, atom } of index.terms) {
    if (atom.kind === "axis") {
      if (atom.name === name) coef = c;
    } else if (usesAxis(atom.of, name)) return undefined;
  }
  return coef;
}

/** Whether an index has elements of index tables in it. */
export function looksUp(index: Index): boolean {
  return index.terms.some(({ atom }) => atom.kind === "lookup" || (atom.kind !== "axis" && looksUp(atom.of)));
}

/** Whether bounds alone show that only elements that there are are looked up. */
export function staysInTables(index: Index, ranges: Ranges): boolean {
  return lookupsIn(index).every(({ table, of }) => {
    const { min, max } = rangeOf(of, ranges);
    return min >= 0 && max < table.length;
  });
}

type Lookup = Extract<Atom, { readonly kind: "lookup" }>;

/** The elements of index tables in an index, those that choose others last. */
export function lookupsIn(index: Index, into: Lookup[] = []): readonly Lookup[] {
  for (const { atom } of index.terms) {
    if (atom.kind === "axis") continue;
    lookupsIn(atom.of, into);
    if (atom.kind === "lookup") into.push(atom);
  }
  return into;
}
