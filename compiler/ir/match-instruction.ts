import { assertNever, defined } from "../support/assert.ts";
import type { Access, BinaryOp, Expr } from "./expr.ts";
import { type Index, usesAxis } from "./index-expr.ts";
import type { Instruction } from "./instruction.ts";
import type { ForStmt, Stmt } from "./stmt.ts";

/** What an operand of an instruction is in a nest of loops. */
export interface Place {
  readonly access: Access;
  /** The same element in the meaning: an index over the nest's own axes. */
  readonly at: Index;
}
/** A nest as an instruction: its operands by name, each wherever it stands, its loops from the outside in. */
export interface Match {
  readonly places: ReadonlyMap<string, readonly Place[]>;
  readonly loops: readonly ForStmt[];
}

type Binary = Expr & { readonly kind: "binary" };

/** Thrown inside and caught here: why a nest is not what an instruction does. */
class Different extends Error {}

/**
 * A nest of loops as an instruction: the same loops, around the same operations on the same types; or why it is not. Where the
 * elements lie is for whoever loads them to look at: storage may still change.
 */
export function matchInstruction(nest: ForStmt, { meaning }: Instruction): Match | string {
  const [own, means] = [nestOf(nest), nestOf(meaning.body[0])];
  const text = (loops: readonly ForStmt[]): string => loops.map((l) => `${l.axis} of ${l.extent}`).join(", ");
  if (own.loops.map((l) => l.extent).join() !== means.loops.map((l) => l.extent).join()) {
    return `its loops are ${text(own.loops)}, those of the instruction ${text(means.loops)}`;
  }
  const axes = new Map(means.loops.map((l, i) => [l.axis, own.loops[i].axis]));
  const places = new Map<string, readonly Place[]>();
  try {
    statement(means.inner, own.inner, { places, axes });
  } catch (error) {
    if (error instanceof Different) return error.message;
    throw error;
  }
  return { places, loops: own.loops };
}

/** Operands found so far, and the nest's axes by those of the meaning. */
interface Found {
  readonly places: Map<string, readonly Place[]>;
  readonly axes: ReadonlyMap<string, string>;
}

/** Takes an access for an operand: it moves along the same loops, and is of the same buffer wherever the operand stands. */
function bind(meant: Access, access: Access, { places, axes }: Found): void {
  const place = { access, at: renamed(meant.at[0], axes) };
  for (const name of axes.values()) {
    const moves = access.at.some((index) => usesAxis(index, name));
    if (moves === usesAxis(place.at, name)) continue;
    throw new Different(
      `\`${access.buffer}\` ${moves ? "moves" : "does not move"} along \`${name}\`, unlike \`${meant.buffer}\` of the instruction`,
    );
  }
  const known = places.get(meant.buffer) ?? [];
  const other = known.find((one) => isOther(one, place));
  if (other !== undefined) {
    throw new Different(
      `\`${meant.buffer}\` would be two things, \`${other.access.buffer}\` and \`${access.buffer}\``,
    );
  }
  places.set(meant.buffer, [...known, place]);
}

/** Whether two places cannot be of one operand: of two buffers, or two elements for one. */
function isOther(a: Place, b: Place): boolean {
  if (a.access.buffer !== b.access.buffer) return true;
  const alike = JSON.stringify(a.access.at) === JSON.stringify(b.access.at);
  return alike !== (JSON.stringify(a.at) === JSON.stringify(b.at));
}

function nestOf(s: Stmt): { readonly loops: readonly ForStmt[]; readonly inner: Stmt } {
  if (s.kind !== "for" || s.body.length !== 1) return { loops: s.kind === "for" ? [s] : [], inner: s };
  const { loops, inner } = nestOf(s.body[0]);
  return { loops: [s, ...loops], inner };
}

function statement(meant: Stmt, own: Stmt, found: Found): void {
  if (meant.kind !== "store" && meant.kind !== "reduce")
    throw new Different("the instruction assigns nothing");
  if (own.kind !== meant.kind)
    throw new Different(`it holds more than one assignment, or another kind of one`);
  if (own.kind === "reduce" && meant.kind === "reduce" && own.op !== meant.op) {
    throw new Different(`it combines by ${own.op}, the instruction by ${meant.op}`);
  }
  value(meant.value, own.value, found);
  bind(meant, own, found);
}

/** Compares two values, and binds the loads of the one to those of the other. */
function value(meant: Expr, own: Expr, found: Found): void {
  switch (meant.kind) {
    case "load":
      if (own.kind !== "load" || own.dtype !== meant.dtype)
        throw new Different(
          `\`${meant.buffer}\` is an element of ${meant.dtype}, which it has none of there`,
        );
      bind(meant, own, found);
      return;
    case "literal":
      if (own.kind !== "literal" || !Object.is(own.value, meant.value) || own.dtype !== meant.dtype)
        throw new Different(`it has no ${meant.value} where the instruction has`);
      return;
    case "convert":
      if (own.kind !== "convert" || own.to !== meant.to)
        throw new Different(`it converts nothing to ${meant.to}`);
      value(meant.value, own.value, found);
      return;
    case "unary":
      if (own.kind !== "unary" || own.op !== meant.op) throw new Different(`it has no ${meant.op}`);
      value(meant.value, own.value, found);
      return;
    case "binary":
      if (own.kind !== "binary" || own.op !== meant.op) throw new Different(`it has no ${meant.op} there`);
      operands(meant, own, found);
      return;
    case "call":
    case "select":
    case "table":
    case "index":
      throw new Different("an instruction means operations on its operands, nothing else");
    default:
      assertNever(meant);
  }
}

const COMMUTES: ReadonlySet<BinaryOp> = new Set(["add", "mul", "min", "max"]);

/** The operands of an operation in the order of the meaning, else in the other one where that is the same. */
function operands(meant: Binary, own: Binary, found: Found): void {
  const before = new Map(found.places);
  try {
    value(meant.lhs, own.lhs, found);
    value(meant.rhs, own.rhs, found);
  } catch (error) {
    if (!(error instanceof Different) || !COMMUTES.has(meant.op)) throw error;
    found.places.clear();
    for (const [name, place] of before) found.places.set(name, place);
    inOtherOrder(meant, own, found, error);
  }
}

/** Where that does not fit either, the order as it is written is told. */
function inOtherOrder(meant: Binary, own: Binary, found: Found, first: Different): void {
  try {
    value(meant.lhs, own.rhs, found);
    value(meant.rhs, own.lhs, found);
  } catch (error) {
    throw error instanceof Different ? first : error;
  }
}

/** An index over the meaning's axes as one over the nest's. */
function renamed(index: Index, axes: ReadonlyMap<string, string>): Index {
  const terms = index.terms.map(({ coef, atom }) => {
    const name = atom.kind === "axis" ? defined(axes.get(atom.name), `axis ${atom.name}`) : "";
    return { coef, atom: { kind: "axis" as const, name } };
  });
  return { terms, offset: index.offset };
}
