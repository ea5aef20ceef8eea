import { applyCond } from "./arithmetic.ts";
import type { Cond } from "./expr.ts";
import { decide } from "./fold.ts";
import {
  axesOf,
  constant,
  type Index,
  looksUp,
  lookupsIn,
  subtract as minus,
  type Range,
  type Ranges,
  rangeOf,
} from "./index-expr.ts";
import { evaluate } from "./interpret-index.ts";

/** Iterations looked at one by one when intervals cannot decide. */
const ENUMERATION_LIMIT = 200_000;

/** Values an index takes outside `0 .. extent-1`. */
export interface Escape {
  readonly range: Range;
  /** An iteration that shows it; absent when there were too many to look at, or elements of tables decide. */
  readonly witness?: ReadonlyMap<string, number>;
}

/**
 * Whether an index leaves `0 .. extent-1` where the guards hold, or looks up an element that a table does not have: undefined when
 * it does not. Decided by
 * intervals, each guard used alone, else by looking at every iteration of the axes concerned (where no element of an
 * index table is among them), else assumed to escape.
 */
export function escapes(
  index: Index,
  extent: number,
  ranges: Ranges,
  guards: readonly Cond[],
): Escape | undefined {
  for (const { table, of } of looksUp(index) ? lookupsIn(index) : []) {
    const found = escapes(of, table.length, ranges, guards);
    if (found !== undefined) return found;
  }
  const range = rangeOf(index, ranges);
  if (range.min >= 0 && range.max < extent) return undefined;
  if (guards.some((g) => decide(g, ranges) === false)) return undefined;
  const relevant = related(index, guards);
  if (provenBy(index, extent, ranges, relevant)) return undefined;
  if (looksUp(index)) return { range };
  // what an element of a table decides may hold or not: proven without it is proven, and nothing else is
  const decidable = relevant.filter(({ lhs, rhs }) => !looksUp(lhs) && !looksUp(rhs));
  const axes = new Set<string>();
  axesOf(index, axes);
  for (const g of decidable) axesOf(g.rhs, axesOf(g.lhs, axes));
  let count = 1;
  for (const name of axes) {
    const r = ranges.get(name);
    count *= r === undefined ? Number.POSITIVE_INFINITY : r.max - r.min + 1;
  }
  if (count > ENUMERATION_LIMIT) return { range };
  const found = enumerate(index, extent, [...axes], ranges, decidable);
  return found === undefined || decidable.length === relevant.length ? found : { range };
}

/** Guards that share an axis with the index, directly or through other guards. */
function related(index: Index, guards: readonly Cond[]): readonly Cond[] {
  const axes = axesOf(index);
  const open = new Set(guards);
  for (let grew = true; grew; ) {
    grew = false;
    for (const g of open) {
      const own = axesOf(g.rhs, axesOf(g.lhs));
      if (![...own].some((name) => axes.has(name))) continue;
      for (const name of own) axes.add(name);
      open.delete(g);
      grew = true;
    }
  }
  return guards.filter((g) => !open.has(g));
}

/** Intervals alone, each guard used once to tighten either side. */
function provenBy(index: Index, extent: number, ranges: Ranges, guards: readonly Cond[]): boolean {
  const slack = guards.flatMap(nonNegative);
  const atLeastZero = (i: Index): boolean =>
    rangeOf(i, ranges).min >= 0 || slack.some((s) => rangeOf(minus(i, s), ranges).min >= 0);
  return atLeastZero(index) && atLeastZero(minus(constant(extent - 1), index));
}

/** Indices that a condition says are not negative. */
function nonNegative({ op, lhs, rhs }: Cond): readonly Index[] {
  if (op === "ge") return [minus(lhs, rhs)];
  if (op === "lt") return [minus(minus(rhs, lhs), constant(1))];
  return [minus(lhs, rhs), minus(rhs, lhs)];
}

function enumerate(
  index: Index,
  extent: number,
  axes: readonly string[],
  ranges: Ranges,
  guards: readonly Cond[],
): Escape | undefined {
  const values = new Map<string, number>();
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let witness: ReadonlyMap<string, number> | undefined;
  const visit = (depth: number): void => {
    if (depth === axes.length) {
      if (!guards.every((g) => applyCond(g.op, evaluate(g.lhs, values), evaluate(g.rhs, values)))) return;
      const value = evaluate(index, values);
      min = Math.min(min, value);
      max = Math.max(max, value);
      if (witness === undefined && (value < 0 || value >= extent)) witness = new Map(values);
      return;
    }
    const r = ranges.get(axes[depth]) ?? { min: 0, max: -1 };
    for (let v = r.min; v <= r.max; v++) {
      values.set(axes[depth], v);
      visit(depth + 1);
    }
  };
  visit(0);
  return witness === undefined ? undefined : { range: { min, max }, witness };
}
