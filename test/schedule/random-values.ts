import { type Cond, type Expr, entry, load, select, type Table } from "../../compiler/ir/expr.ts";
import { decide } from "../../compiler/ir/fold.ts";
import {
  add,
  axis,
  combine,
  constant,
  divMod,
  type Index,
  isConstant,
  lookup,
  type Ranges,
  rangeOf,
} from "../../compiler/ir/index-expr.ts";
import type { Rng } from "../../compiler/support/rng.ts";

/** The index table of random kernels, which every so many indices are elements of. */
export const INDICES = { name: "at", length: 24, bound: 3 };
const LOOKED_UP = 9;

export interface Around {
  readonly ranges: Ranges;
}

const TABLE: Table = { name: "TAPS", shape: [4], values: [1, -1, 2, 0] };

/** Random indices, conditions and values; parameters grow to hold what is read of them. */
export class RandomValues {
  protected readonly rng: Rng;
  private indices = 0;
  /** Rank and largest index of each parameter so far. */
  protected readonly sizes = new Map<string, number[]>();

  constructor(rng: Rng) {
    this.rng = rng;
  }

  protected pick<T>(items: readonly T[]): T {
    return items[this.rng.int(items.length)];
  }

  /** Once in so many. */
  protected rarely(times: number): boolean {
    return this.rng.int(times) === 0;
  }

  /** A sum of axes with small factors, some negative, sometimes divided; moved up so that it is never negative itself. */
  protected index(around: Around, names: readonly string[] = [...around.ranges.keys()]): Index {
    const index = this.plainIndex(around, names);
    if (++this.indices % LOOKED_UP > 0 || rangeOf(index, around.ranges).max >= INDICES.length) return index;
    this.sizes.set(INDICES.name, [INDICES.length - 1]);
    return lookup(INDICES, index);
  }

  private plainIndex({ ranges }: Around, names: readonly string[]): Index {
    const factors = this.rarely(3) ? [1, -1, -1, -2] : [1, 1, 1, 2];
    const parts = Array.from({ length: 1 + this.rng.int(2) }, (): readonly [Index, number] => [
      axis(this.pick(names)),
      this.pick(factors),
    ]);
    const sum = combine(parts, this.rarely(4) ? this.rng.int(3) : 0);
    if (this.rng.int(8) > 0) return raised(sum, ranges);
    const { div, mod } = divMod(sum, 2 + this.rng.int(3), ranges);
    const divided = this.pick([div, mod]);
    // a remainder beside its axis, and a quotient of a quotient
    if (this.rarely(3)) return raised(add(divided, axis(this.pick(names), this.pick([1, -1]))), ranges);
    return raised(this.rarely(3) ? divMod(divided, 2, ranges).div : divided, ranges);
  }

  /** A condition that the bounds of its axes do not decide, if one is found. */
  protected condition(around: Around): Cond | undefined {
    for (let tries = 0; tries < 4; tries++) {
      const lhs = this.index(around);
      const { max } = rangeOf(lhs, around.ranges);
      const rhs = this.rarely(3) ? this.index(around) : constant(this.rng.int(max + 1));
      const cond: Cond = { op: this.pick(["lt", "ge", "eq"]), lhs, rhs };
      if (decide(cond, around.ranges) === undefined) return cond;
    }
    return undefined;
  }

  /** An access of a parameter, which grows to hold it. */
  protected access(buffer: string, around: Around, own?: readonly string[]): { buffer: string; at: Index[] } {
    const rank = this.sizes.get(buffer)?.length ?? (buffer === "z" ? 1 : 2);
    // neighbours in memory along the innermost loop, often, so that vectors can load them
    const innermost = [...around.ranges.keys()].pop();
    const at = Array.from({ length: rank }, (_, d) => {
      if (own !== undefined && d < own.length)
        return this.rarely(6) ? this.reversed(own[d], around) : axis(own[d]);
      if (d === rank - 1 && innermost !== undefined && this.rng.int(2) === 0) return axis(innermost);
      return this.index(around);
    });
    return this.grown(buffer, at, around);
  }

  /** An axis from its last value to 0. */
  protected reversed(name: string, { ranges }: Around): Index {
    return raised(axis(name, -1), ranges);
  }

  protected grown(buffer: string, at: Index[], around: Around): { buffer: string; at: Index[] } {
    const largest = at.map((i) => rangeOf(i, around.ranges).max);
    const before = this.sizes.get(buffer);
    this.sizes.set(buffer, before === undefined ? largest : before.map((n, d) => Math.max(n, largest[d])));
    return { buffer, at };
  }

  protected read(around: Around): Expr {
    const { buffer, at } = this.access(this.pick(["x", "x", "w", "y", "z"]), around);
    return load(buffer, at);
  }

  protected value(around: Around): Expr {
    const { buffer, at } = this.access("x", around);
    const first = load(buffer, at);
    switch (this.rng.int(12)) {
      case 0:
      case 1:
        return first;
      case 2:
      case 3:
        return { kind: "binary", op: "add", lhs: first, rhs: this.read(around) };
      case 4:
        return this.choice(around, first);
      case 5:
        return { kind: "binary", op: this.pick(["add", "mul"]), lhs: first, rhs: this.number(around) };
      case 6:
        return { kind: "binary", op: this.pick(["min", "max", "sub"]), lhs: first, rhs: this.read(around) };
      default: {
        const factor = this.access("w", around);
        return { kind: "binary", op: "mul", lhs: first, rhs: load(factor.buffer, factor.at) };
      }
    }
  }

  /** A small number made of axes; now and then an element of a table, which must be unrolled. */
  protected number(around: Around): Expr {
    const index = this.index(around);
    const small = rangeOf(index, around.ranges).max < 8 ? index : divMod(index, 3, around.ranges).mod;
    if (isConstant(small)) return load("x", this.grown("x", [small, small], around).at);
    const value: Expr = { kind: "index", dtype: "f32", index: small };
    switch (this.rng.int(8)) {
      case 0:
        return entry(TABLE, [divMod(index, 4, around.ranges).mod]);
      case 1:
        // of a square, so that it is exact
        return { kind: "unary", op: "sqrt", value: { kind: "binary", op: "mul", lhs: value, rhs: value } };
      default:
        return value;
    }
  }

  /** A choice, perhaps of choices, perhaps twice: what occurs twice is computed once. */
  private choice(around: Around, first: Expr): Expr {
    const when = this.condition(around);
    if (when === undefined) return first;
    const other = this.rarely(2) ? this.read(around) : this.number(around);
    const chosen = select(when, first, this.rarely(4) ? this.choice(around, other) : other);
    if (this.rarely(2)) return chosen;
    const rhs = this.rarely(2)
      ? chosen
      : select(when, { kind: "binary", op: "add", lhs: first, rhs: first }, other);
    return { kind: "binary", op: this.pick(["add", "mul"]), lhs: chosen, rhs };
  }
}

/** The index plus what makes its least value 0. */
export function raised(index: Index, ranges: Ranges): Index {
  const { min } = rangeOf(index, ranges);
  return min < 0 ? add(index, constant(-min)) : index;
}
