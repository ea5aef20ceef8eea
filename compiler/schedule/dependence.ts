import type { Cond } from "../ir/expr.ts";
import { type Atom, type Index, looksUp, type Ranges } from "../ir/index-expr.ts";
import { evaluate } from "../ir/interpret-index.ts";
import type { TouchedAt } from "./accesses.ts";
import { type Interval, type Linear, solve } from "./solve.ts";

/** Two iterations and the element both touch: why a step was refused. */
export interface Witness {
  readonly first: Readonly<Record<string, number>>;
  readonly second: Readonly<Record<string, number>>;
  /** Such as `y[0][2]`. */
  readonly element: string;
}

/** How far the second iteration lies from the first along an axis shared by both. */
export type Distance = "same" | "after" | "before" | "any";
export type Distances = ReadonlyMap<string, { readonly extent: number; readonly distance: Distance }>;

/** The dependence test gave up: the step is refused, without an example. */
export const GAVE_UP = "the dependence test gave up on these addresses";

/**
 * Do access `a` in one iteration and access `b` in another touch the same element, when the second
 * iteration lies from the first as `distances` says? Axes outside `distances` that both statements
 * share stand still (same iteration); loops below are free on each side.
 *
 * @param around bounds of the axes outside
 * @returns a witness, "unknown" when the search gave up, or undefined when they never meet.
 */
export function meet(
  a: TouchedAt,
  b: TouchedAt,
  distances: Distances,
  around: Ranges,
): Witness | "unknown" | undefined {
  if (a.at.some((index, dim) => movesApart(index, b.at[dim], a, b, distances))) return undefined;
  const bounds = new Map<string, Interval>();
  const rows: Linear[] = [];
  for (const [axis, { extent, distance }] of distances) {
    const last = extent - 1;
    if ((distance === "after" || distance === "before") && last < 1) return undefined;
    bounds.set(`1.${axis}`, { min: 0, max: last });
    bounds.set(`d.${axis}`, {
      min: distance === "after" ? 1 : distance === "same" ? 0 : -last,
      max: distance === "before" ? -1 : distance === "same" ? 0 : last,
    });
    // 0 <= first + d <= last
    const both = [`1.${axis}`, `d.${axis}`];
    rows.push({ coefs: new Map(both.map((v) => [v, 1])), op: "ge", bound: 0 });
    rows.push({ coefs: new Map(both.map((v) => [v, -1])), op: "ge", bound: -last });
  }
  for (const [side, t] of [
    ["1", a],
    ["2", b],
  ] as const) {
    for (const { axis, extent } of t.loops) {
      if (!distances.has(axis)) bounds.set(`${side}.${axis}`, { min: 0, max: extent - 1 });
    }
  }
  const names = (side: "1" | "2", t: TouchedAt) => (axis: string) => {
    if (distances.has(axis)) return side === "1" ? [`1.${axis}`] : [`1.${axis}`, `d.${axis}`];
    return t.loops.some((l) => l.axis === axis) ? [`${side}.${axis}`] : [`1.${axis}`];
  };
  const system: System = { bounds, rows, around };
  const [ofA, ofB] = [names("1", a), names("2", b)];
  for (let dim = 0; dim < a.at.length; dim++) addRow(system, a.at[dim], ofA, b.at[dim], ofB, "eq", 0);
  for (const cond of a.conds) addCond(system, cond, ofA);
  for (const cond of b.conds) addCond(system, cond, ofB);
  const answer = solve(bounds, rows);
  if (answer.kind === "none") return undefined;
  if (answer.kind === "unknown") return "unknown";
  return witness(a, distances, answer.at);
}

/**
 * Whether two indices differ for certain: they are the same, depend on one axis along which the iterations lie
 * apart, and on nothing else that may differ. Decides nearly every question without a search.
 */
function movesApart(i: Index, j: Index, a: TouchedAt, b: TouchedAt, distances: Distances): boolean {
  if (i.terms.length !== j.terms.length || i.offset !== j.offset) return false;
  let apart = 0;
  for (const [t, { coef, atom }] of i.terms.entries()) {
    const other = j.terms[t];
    if (atom.kind !== "axis" || other.atom.kind !== "axis") return false;
    const { name } = atom;
    if (coef !== other.coef || name !== other.atom.name) return false;
    const distance = distances.get(name)?.distance;
    if (distance === "any") return false;
    if (distance === "after" || distance === "before") apart++;
    else if (distance === undefined && (isBelow(name, a) || isBelow(name, b))) return false;
  }
  return apart === 1;
}

function isBelow(name: string, { loops }: TouchedAt): boolean {
  return loops.some(({ axis }) => axis === name);
}

interface System {
  readonly bounds: Map<string, Interval>;
  readonly rows: Linear[];
  readonly around: Ranges;
}
/** The variables whose sum is an axis. */
type Names = (axis: string) => readonly string[];

/** lhs - rhs compared with `least`. */
function addRow(
  system: System,
  lhs: Index,
  ofLhs: Names,
  rhs: Index,
  ofRhs: Names,
  op: Linear["op"],
  least: number,
): void {
  const coefs = new Map<string, number>();
  const constant = addTerms(system, coefs, lhs, 1, ofLhs) + addTerms(system, coefs, rhs, -1, ofRhs);
  system.rows.push({ coefs, op, bound: least - constant });
}

function addCond(system: System, { op, lhs, rhs }: Cond, names: Names): void {
  if (op === "lt") addRow(system, rhs, names, lhs, names, "ge", 1);
  else addRow(system, lhs, names, rhs, names, op, 0);
}

/** Adds sign * index to a row; returns the constant part. Divisions get a quotient and a remainder of their own. */
function addTerms(
  system: System,
  coefs: Map<string, number>,
  index: Index,
  sign: number,
  names: Names,
): number {
  for (const { coef, atom } of index.terms) {
    for (const v of atomVariables(system, atom, names)) coefs.set(v, (coefs.get(v) ?? 0) + sign * coef);
  }
  return sign * index.offset;
}

const WIDE = 1 << 30;

function atomVariables(system: System, atom: Atom, names: Names): readonly string[] {
  if (atom.kind === "axis") {
    const vs = names(atom.name);
    for (const v of vs) {
      if (!system.bounds.has(v))
        system.bounds.set(v, system.around.get(atom.name) ?? { min: -WIDE, max: WIDE });
    }
    return vs;
  }
  const id = system.bounds.size;
  if (atom.kind === "lookup") {
    // any element of the table, another one each time: perhaps they meet
    const element = `e${id}`;
    system.bounds.set(element, { min: 0, max: atom.table.bound - 1 });
    return [element];
  }
  const quotient = `q${id}`;
  const remainder = `r${id}`;
  system.bounds.set(quotient, { min: -WIDE, max: WIDE });
  system.bounds.set(remainder, { min: 0, max: atom.by - 1 });
  const coefs = new Map<string, number>([
    [quotient, -atom.by],
    [remainder, -1],
  ]);
  const offset = addTerms(system, coefs, atom.of, 1, names);
  system.rows.push({ coefs, op: "eq", bound: -offset });
  return [atom.kind === "div" ? quotient : remainder];
}

function witness(a: TouchedAt, distances: Distances, at: ReadonlyMap<string, number>): Witness {
  const first: Record<string, number> = {};
  const second: Record<string, number> = {};
  for (const axis of distances.keys()) {
    first[axis] = at.get(`1.${axis}`) ?? 0;
    second[axis] = (at.get(`1.${axis}`) ?? 0) + (at.get(`d.${axis}`) ?? 0);
  }
  const values = new Map<string, number>();
  for (const [name, value] of at) if (name.startsWith("1.")) values.set(name.slice(2), value);
  const text = (index: Index): string => (looksUp(index) ? "?" : String(evaluate(index, values)));
  return { first, second, element: a.buffer + a.at.map((i) => `[${text(i)}]`).join("") };
}

/** `(oh=0, kh=1)` */
export function iterationText(iteration: Readonly<Record<string, number>>): string {
  return `(${Object.entries(iteration)
    .map(([axis, value]) => `${axis}=${value}`)
    .join(", ")})`;
}
