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
  const known = withNumbers(index, by);
  if (known !== undefined) return known;
  return combine(
    index.terms.map(({ coef, atom }) => [substituteAtom(atom, by, ranges), coef] as const),
    index.offset,
  );
}

/** Axes alone, of which some become numbers: the others are in order as they are. */
function withNumbers(index: Index, by: ReadonlyMap<string, Index>): Index | undefined {
  let { offset } = index;
  const terms: Term[] = [];
  for (const term of index.terms) {
    if (term.atom.kind !== "axis") return undefined;
    const to = by.get(term.atom.name);
    if (to === undefined) terms.push(term);
    else if (to.terms.length > 0) return undefined;
    else offset += to.offset * term.coef;
  }
  return { terms, offset: whole(offset) };
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
