import { digits, type Equality, gcd } from "./mixed-radix.ts";

/**
 * Integer feasibility of small linear systems: is there a point within bounds that satisfies every
 * equality and inequality? Exact by bounds propagation and branching, once equalities are split into those of digits
 * (mixed-radix.ts); gives up (and says so) after a fixed number of nodes, so callers treat "unknown" as "perhaps".
 */
export interface Linear {
  /** sum(coef * variable) compared with `bound`. */
  readonly coefs: ReadonlyMap<string, number>;
  readonly op: "eq" | "ge";
  readonly bound: number;
}
export interface Interval {
  readonly min: number;
  readonly max: number;
}
export type Answer =
  | { readonly kind: "none" }
  | { readonly kind: "unknown" }
  | { readonly kind: "point"; readonly at: ReadonlyMap<string, number> };

/** Boxes looked at before giving up. */
const NODE_LIMIT = 4000;
/** Rounds of tightening one box before branching instead: bounds can creep towards each other one by one. */
const ROUND_LIMIT = 64;

/** A constraint over numbered variables. */
interface Row extends Equality {
  readonly equal: boolean;
}
/** Bounds of every variable: two arrays by variable number. */
interface Box {
  readonly lo: Float64Array;
  readonly hi: Float64Array;
}

export function solve(bounds: ReadonlyMap<string, Interval>, system: readonly Linear[]): Answer {
  const names = [...bounds.keys()];
  const numbers = new Map(names.map((name, i) => [name, i]));
  const whole = system.map((row) => numbered(row, numbers));
  const lo = Float64Array.from(bounds.values(), (i) => i.min);
  const hi = Float64Array.from(bounds.values(), (i) => i.max);
  if (whole.some((row) => row.equal && !divisible(row)) || !tighten({ lo, hi }, whole))
    return { kind: "none" };
  const rows = splitRows(whole, lo, hi);
  if (rows === undefined) return { kind: "none" };
  let nodes = 0;
  const search = (box: Box): Float64Array | "none" | "unknown" => {
    if (++nodes > NODE_LIMIT) return "unknown";
    if (!tighten(box, rows)) return "none";
    const open = pickVariable(box, rows);
    if (open === undefined) return box.lo;
    const middle = Math.floor((box.lo[open] + box.hi[open]) / 2);
    const low: Box = { lo: box.lo.slice(), hi: box.hi.slice() };
    low.hi[open] = middle;
    const found = search(low);
    if (found !== "none") return found;
    box.lo[open] = middle + 1;
    return search(box);
  };
  const found = search({ lo, hi });
  if (typeof found === "string") return { kind: found };
  return { kind: "point", at: new Map(names.map((name, i) => [name, found[i]])) };
}

function numbered({ coefs, op, bound }: Linear, numbers: ReadonlyMap<string, number>): Row {
  const used = [...coefs].filter(([, c]) => c !== 0);
  const vars = used.map(([name]) => {
    const n = numbers.get(name);
    if (n === undefined) throw new Error(`variable ${name} has no bounds`);
    return n;
  });
  return { vars, coefs: used.map(([, c]) => c), equal: op === "eq", bound };
}

/** An equality has integer solutions only when the coefficients' common divisor divides its bound. */
function divisible({ coefs, bound }: Row): boolean {
  const g = coefs.reduce((a, c) => gcd(a, Math.abs(c)), 0);
  return g === 0 ? bound === 0 : bound % g === 0;
}

/** Undefined where one of the equalities does not hold within the bounds. */
function splitRows(whole: readonly Row[], lo: Float64Array, hi: Float64Array): readonly Row[] | undefined {
  const rows: Row[] = [];
  for (const row of whole) {
    const parts = row.equal ? digits(row, lo, hi) : [row];
    if (parts === undefined) return undefined;
    for (const part of parts) rows.push({ ...part, equal: row.equal });
  }
  return rows;
}

/** Shrinks the box in place until nothing changes; false when some row cannot hold in it. */
function tighten({ lo, hi }: Box, rows: readonly Row[]): boolean {
  for (let round = 0, changed = true; changed && round < ROUND_LIMIT; round++) {
    changed = false;
    for (const { vars, coefs, equal, bound } of rows) {
      let min = 0;
      let max = 0;
      for (let k = 0; k < vars.length; k++) {
        const c = coefs[k];
        min += c > 0 ? c * lo[vars[k]] : c * hi[vars[k]];
        max += c > 0 ? c * hi[vars[k]] : c * lo[vars[k]];
      }
      if (max < bound || (equal && min > bound)) return false;
      for (let k = 0; k < vars.length; k++) {
        const c = coefs[k];
        const v = vars[k];
        const low = c > 0 ? c * lo[v] : c * hi[v];
        const high = c > 0 ? c * hi[v] : c * lo[v];
        // c * v >= bound - (most of the others), and for equalities c * v <= bound - (least of the others)
        const least = bound - (max - high);
        const most = equal ? bound - (min - low) : high;
        const from = Math.ceil((c > 0 ? least : most) / c);
        const to = Math.floor((c > 0 ? most : least) / c);
        if (from > lo[v] || to < hi[v]) {
          lo[v] = Math.max(lo[v], from);
          hi[v] = Math.min(hi[v], to);
          if (lo[v] > hi[v]) return false;
          min += (c > 0 ? c * lo[v] : c * hi[v]) - low;
          max += (c > 0 ? c * hi[v] : c * lo[v]) - high;
          changed = true;
        }
      }
    }
  }
  return true;
}

/** The widest variable of a row that does not hold everywhere in the box; undefined when all do. */
function pickVariable({ lo, hi }: Box, rows: readonly Row[]): number | undefined {
  let best: number | undefined;
  let width = 0;
  for (const { vars, coefs, equal, bound } of rows) {
    if (!equal) {
      let min = 0;
      for (let k = 0; k < vars.length; k++) min += coefs[k] * (coefs[k] > 0 ? lo[vars[k]] : hi[vars[k]]);
      if (min >= bound) continue;
    }
    for (const v of vars) {
      if (hi[v] - lo[v] > width) {
        width = hi[v] - lo[v];
        best = v;
      }
    }
  }
  return best;
}
