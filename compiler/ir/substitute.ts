import {
  type Atom,
  axis,
  combine,
  divMod,
  type Index,
  lookup,
  type Ranges,
  type Term,
  whole,
} from "./index-expr.ts";

/** Replaces axes by indices, simplifying divisions again under the new bounds. */
export function substitute(index: Index, by: ReadonlyMap<string, Index>, ranges: Ranges): Index {
  if (!index.terms.some((t) => mentions(t.atom, by))) return index;
  const known = inOrder(index, by);
  if (known !== undefined) return known;
  return combine(
    index.terms.map(({ coef, atom }) => [substituteAtom(atom, by, ranges), coef] as const),
    index.offset,
  );
}

/** Axes alone, of which some become numbers, or move by one: the terms are in order as they are. */
function inOrder(index: Index, by: ReadonlyMap<string, Index>): Index | undefined {
  let { offset } = index;
  const terms: Term[] = [];
  for (const term of index.terms) {
    if (term.atom.kind !== "axis") return undefined;
    const { name } = term.atom;
    const to = by.get(name);
    if (to === undefined || isMoved(to, name)) terms.push(term);
    else if (to.terms.length > 0) return undefined;
    if (to !== undefined) offset += to.offset * term.coef;
  }
  return { terms, offset: whole(offset) };
}

/** Whether an index is an axis and a number. */
function isMoved({ terms }: Index, name: string): boolean {
  if (terms.length !== 1) return false;
  const [{ coef, atom }] = terms;
  return coef === 1 && atom.kind === "axis" && atom.name === name;
}

function substituteAtom(atom: Atom, by: ReadonlyMap<string, Index>, ranges: Ranges): Index {
  if (atom.kind === "axis") return by.get(atom.name) ?? axis(atom.name);
  if (atom.kind === "lookup") return lookup(atom.table, substitute(atom.of, by, ranges));
  const { div, mod } = divMod(substitute(atom.of, by, ranges), atom.by, ranges);
  return atom.kind === "div" ? div : mod;
}

function mentions(atom: Atom, names: ReadonlyMap<string, unknown>): boolean {
  return atom.kind === "axis" ? names.has(atom.name) : atom.of.terms.some((t) => mentions(t.atom, names));
}
