/**
 * Integer feasibility of small linear systems: is there a point within bounds that satisfies every
 * equality and inequality? Exact by bounds propagation and branching; gives up (and says so) after a
 * fixed number of nodes, so callers treat "unknown" as "perhaps".
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

const NODE_LIMIT = 4000;

export function solve(bounds: ReadonlyMap<string, Interval>, system: readonly Linear[]): Answer {
  let nodes = 0;
  const search = (box: ReadonlyMap<string, Interval>): Answer => {
    if (++nodes > NODE_LIMIT) return { kind: "unknown" };
    const tight = propagate(box, system);
    if (tight === undefined) return { kind: "none" };
    const open = pickVariable(tight, system);
    if (open === undefined) return { kind: "point", at: new Map([...tight].map(([v, i]) => [v, i.min])) };
    const { min, max } = tight.get(open) as Interval;
    const middle = Math.floor((min + max) / 2);
    const low = search(new Map(tight).set(open, { min, max: middle }));
    return low.kind === "none" ? search(new Map(tight).set(open, { min: middle + 1, max })) : low;
  };
  for (const row of system) if (row.op === "eq" && !divisible(row)) return { kind: "none" };
  return search(bounds);
}

/** An equality has integer solutions only when the coefficients' common divisor divides its bound. */
function divisible(row: Linear): boolean {
  let g = 0;
  for (const c of row.coefs.values()) g = gcd(g, Math.abs(c));
  return g === 0 ? row.bound === 0 : row.bound % g === 0;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Shrinks the box until nothing changes; undefined when some row cannot hold. */
function propagate(
  box: ReadonlyMap<string, Interval>,
  system: readonly Linear[],
): ReadonlyMap<string, Interval> | undefined {
  const tight = new Map(box);
  for (let changed = true; changed; ) {
    changed = false;
    for (const row of system) {
      const { min, max } = extent(row, tight);
      if (max < row.bound || (row.op === "eq" && min > row.bound)) return undefined;
      for (const [v, c] of row.coefs) {
        if (c === 0) continue;
        const i = tight.get(v) as Interval;
        const others = { min: min - lowest(c, i), max: max - highest(c, i) };
        // c * v >= bound - others.max, and for equalities c * v <= bound - others.min
        let lo = i.min;
        let hi = i.max;
        const atLeast = row.bound - others.max;
        if (c > 0) lo = Math.max(lo, Math.ceil(atLeast / c));
        else hi = Math.min(hi, Math.floor(atLeast / c));
        if (row.op === "eq") {
          const atMost = row.bound - others.min;
          if (c > 0) hi = Math.min(hi, Math.floor(atMost / c));
          else lo = Math.max(lo, Math.ceil(atMost / c));
        }
        if (lo > hi) return undefined;
        if (lo !== i.min || hi !== i.max) {
          tight.set(v, { min: lo, max: hi });
          changed = true;
          break;
        }
      }
      if (changed) break;
    }
  }
  return tight;
}

const lowest = (c: number, i: Interval): number => (c > 0 ? c * i.min : c * i.max);
const highest = (c: number, i: Interval): number => (c > 0 ? c * i.max : c * i.min);

function extent(row: Linear, box: ReadonlyMap<string, Interval>): Interval {
  let min = 0;
  let max = 0;
  for (const [v, c] of row.coefs) {
    const i = box.get(v) as Interval;
    min += lowest(c, i);
    max += highest(c, i);
  }
  return { min, max };
}

/** The widest variable that still matters to some row; undefined when every row holds at the lower corner. */
function pickVariable(box: ReadonlyMap<string, Interval>, system: readonly Linear[]): string | undefined {
  let best: string | undefined;
  let width = 0;
  for (const row of system) {
    for (const [v, c] of row.coefs) {
      if (c === 0) continue;
      const i = box.get(v) as Interval;
      if (i.max - i.min > width) {
        width = i.max - i.min;
        best = v;
      }
    }
  }
  return best;
}
