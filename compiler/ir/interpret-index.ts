import { InternalError } from "../support/diagnostic.ts";
import type { TypedArray } from "./dtype.ts";
import type { Atom, Index, IndexTable } from "./index-expr.ts";
import { heldIndex } from "./index-table.ts";

/** What addresses are made of while a procedure is interpreted: axes by their slot in the frame, and index tables. */
export interface Addressing {
  readonly slots: ReadonlyMap<string, number>;
  readonly frame: readonly number[];
  readonly buffers: ReadonlyMap<string, { readonly data: TypedArray }>;
}
type Get = () => number;

/** The present value of an index. An element that its table does not have throws. */
export function compileIndex({ terms, offset }: Index, c: Addressing): Get {
  const { frame } = c;
  const [first, ...rest] = terms;
  if (first === undefined) return () => offset;
  if (first.atom.kind === "axis") {
    const slot = slotOf(first.atom.name, c);
    const { coef } = first;
    if (rest.length === 0) return () => frame[slot] * coef + offset;
    const more = compileIndex({ terms: rest, offset }, c);
    return () => frame[slot] * coef + more();
  }
  const atom = compileAtom(first.atom, c);
  const { coef } = first;
  const more = compileIndex({ terms: rest, offset }, c);
  return () => atom() * coef + more();
}

function compileAtom(atom: Exclude<Atom, { readonly kind: "axis" }>, c: Addressing): Get {
  if (atom.kind === "lookup") {
    return compileLookup(atom.table, compileIndex(atom.of, c), c);
  }
  const { by } = atom;
  const of = compileIndex(atom.of, c);
  if (atom.kind === "div") return () => Math.floor(of() / by);
  return () => {
    const value = of();
    return value - Math.floor(value / by) * by;
  };
}

function compileLookup({ name, bound, held }: IndexTable, of: Get, { buffers }: Addressing): Get {
  const data = buffers.get(name)?.data;
  if (data === undefined) throw new InternalError(`interpret: no index table \`${name}\` in scope`);
  return () => {
    const i = of();
    if (i < 0 || i >= data.length)
      throw new InternalError(`interpret: index ${i} outside of index table \`${name}\``);
    return held ? heldIndex(data[i], bound) : data[i];
  };
}

function slotOf(name: string, c: Addressing): number {
  const slot = c.slots.get(name);
  if (slot === undefined) throw new InternalError(`interpret: no axis \`${name}\` in scope`);
  return slot;
}

/** Value of an index without elements of tables for given axis values. */
export function evaluate(index: Index, values: ReadonlyMap<string, number>): number {
  let total = index.offset;
  for (const { coef, atom } of index.terms) total += coef * evaluateAtom(atom, values);
  return total;
}

function evaluateAtom(atom: Atom, values: ReadonlyMap<string, number>): number {
  if (atom.kind === "axis") {
    const value = values.get(atom.name);
    if (value === undefined) throw new Error(`axis ${atom.name} has no value`);
    return value;
  }
  if (atom.kind === "lookup") throw new Error(`elements of ${atom.table.name} are not known here`);
  const of = evaluate(atom.of, values);
  const div = Math.floor(of / atom.by);
  return atom.kind === "div" ? div : of - div * atom.by;
}
