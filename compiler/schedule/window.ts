import { escapes } from "../ir/bounds.ts";
import {
  axesOf,
  axis,
  combine,
  type Index,
  indexKey,
  isConstant,
  type Range,
  type Ranges,
  rangeOf,
  subtract,
  type Term,
  whole,
  ZERO,
} from "../ir/index-expr.ts";
import type { TouchedAt } from "./accesses.ts";
import type { Surroundings } from "./loops.ts";
import { gcd } from "./mixed-radix.ts";

/**
 * The part of a buffer that a block touches: per dimension the first index, fixed inside the block, how many, and how far they
 * are apart (absent: side by side in all dimensions).
 */
export interface Window {
  readonly base: readonly Index[];
  readonly shape: readonly number[];
  readonly steps?: readonly number[];
}

/** The smallest window that holds every access; a dimension whose accesses move differently is taken whole. */
export function windowOf(touched: readonly TouchedAt[], shape: readonly number[]): Window {
  const dims = shape.map((extent, d) => windowDim(touched, d, extent));
  return { base: dims.map((w) => w.base), shape: dims.map((w) => w.extent) };
}

/** The same without what lies between elements that are touched, as between those of a convolution's stride. */
export function sparseWindowOf(touched: readonly TouchedAt[], shape: readonly number[]): Window {
  const { base, shape: dense } = windowOf(touched, shape);
  const steps = base.map((first, d) => stepOf(touched, d, first));
  return { base, steps, shape: dense.map((extent, d) => Math.floor((extent - 1) / steps[d]) + 1) };
}

/** The greatest distance of which all accesses are multiples away from the first index of a window. */
function stepOf(touched: readonly TouchedAt[], dim: number, first: Index): number {
  const distances = touched.flatMap((t) => {
    const { terms, offset } = subtract(t.at[dim], first);
    const ranges = loopRanges(t);
    const moving = terms.filter((term) => !isZero(term, ranges));
    return [...moving.map(({ coef }) => coef), offset];
  });
  return Math.max(
    1,
    distances.reduce((all, distance) => gcd(all, Math.abs(distance)), 0),
  );
}

function windowDim(
  touched: readonly TouchedAt[],
  dim: number,
  extent: number,
): { readonly base: Index; readonly extent: number } {
  let outer: Index | undefined;
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const t of touched) {
    const parts = fixedPart(t.at[dim], t);
    if (outer !== undefined && indexKey(outer) !== indexKey(parts.fixed)) return { base: ZERO, extent };
    outer = parts.fixed;
    from = Math.min(from, parts.moving.min);
    to = Math.max(to, parts.moving.max);
  }
  if (outer === undefined) return { base: ZERO, extent };
  if (isConstant(outer)) {
    from = Math.max(from, 0);
    to = Math.min(to, extent - 1);
    // touched by nothing that ever happens: a buffer has one element at least
    if (to < from) return { base: ZERO, extent: 1 };
  }
  if (to - from >= extent) return { base: ZERO, extent };
  return { base: combine([[outer, 1]], from), extent: to - from + 1 };
}

/** Whether a term is 0 in every iteration there is. */
function isZero(term: Term, ranges: Ranges): boolean {
  const { min, max } = rangeOf({ terms: [term], offset: 0 }, ranges);
  return min === 0 && max === 0;
}

/** An index as what stands still inside the block, and the bounds of the rest. */
function fixedPart(index: Index, t: TouchedAt): { readonly fixed: Index; readonly moving: Range } {
  const moves = (name: string): boolean => t.loops.some((l) => l.axis === name);
  const still = index.terms.filter((term) => ![...axesOf({ terms: [term], offset: 0 })].some(moves));
  const fixed = { terms: still, offset: 0 };
  return { fixed, moving: rangeOf(subtract(index, fixed), loopRanges(t)) };
}

/** Bounds of the loops around an access. */
export function loopRanges(t: TouchedAt): Ranges {
  return new Map(t.loops.map((l) => [l.axis, { min: 0, max: l.extent - 1 }]));
}

/** The first dimension in which a window leaves its buffer, told with numbers. */
export function windowEscape(
  window: Window,
  shape: readonly number[],
  { ranges, guards }: Surroundings,
): string | undefined {
  for (const [d, base] of window.base.entries()) {
    const reach = (window.shape[d] - 1) * stepAlong(window, d);
    const found = escapes(base, shape[d] - reach, ranges, guards);
    if (found === undefined) continue;
    const last = found.range.max + reach;
    return `dimension ${d} of the window runs from ${found.range.min} to ${last}, the buffer from 0 to ${shape[d] - 1}`;
  }
  return undefined;
}

/** An access inside the window, counted from its base. */
export function insideWindow(at: readonly Index[], window: Window): readonly Index[] {
  return at.map((index, d) => {
    const { terms, offset } = subtract(index, window.base[d]);
    const step = stepAlong(window, d);
    // what is no multiple is of a loop of one iteration
    const moving = terms.filter(({ coef }) => coef % step === 0);
    return {
      terms: moving.map(({ coef, atom }) => ({ coef: whole(coef / step), atom })),
      offset: whole(offset / step),
    };
  });
}

function stepAlong({ steps }: Window, dim: number): number {
  return steps?.[dim] ?? 1;
}

/** A box of elements: per dimension the first and the last. */
type Box = readonly Range[];

/**
 * Whether a block stores every element of the window, on every path, before it reads any: then what the
 * window held before does not matter. `touched` are all accesses in text order; `top` tells under which of
 * the block's statements each lies.
 */
export function filledFirst(
  touched: readonly TouchedAt[],
  top: (t: TouchedAt) => number,
  window: Window,
): boolean {
  const stores = touched.filter((t) => t.kind === "write" && t.conds.length === 0);
  const boxes = stores.map((t) => storedBox(t, window));
  const used = stores.filter((_, i) => boxes[i] !== undefined);
  if (used.length === 0) return false;
  const whole: Box = window.shape.map((extent) => ({ min: 0, max: extent - 1 }));
  let open: readonly Box[] = [whole];
  for (const box of boxes) if (box !== undefined) open = open.flatMap((o) => without(o, box));
  if (open.length > 0) return false;
  const last = Math.max(...used.map(top));
  return touched.every(
    (t, i) =>
      t.kind === "write" ||
      top(t) > last ||
      used.some((s) => touched.indexOf(s) < i && top(s) === top(t) && readsStored(t, s)),
  );
}

/** Every element a store writes, when they make up a box; counted from the window's base. */
function storedBox(t: TouchedAt, window: Window): Box | undefined {
  const ranges = loopRanges(t);
  const seen = new Set<string>();
  const box: Range[] = [];
  for (const [d, index] of t.at.entries()) {
    const inside = subtract(index, window.base[d]);
    const terms = [...inside.terms].sort((a, b) => a.coef - b.coef);
    let reach = 1;
    for (const { coef, atom } of terms) {
      const range = atom.kind === "axis" ? ranges.get(atom.name) : undefined;
      if (atom.kind !== "axis" || range === undefined || seen.has(atom.name)) return undefined;
      if (coef < 1 || coef > reach) return undefined;
      seen.add(atom.name);
      reach += coef * range.max;
    }
    box.push({ min: inside.offset, max: inside.offset + reach - 1 });
  }
  return box;
}

/** Whether a read only sees elements that the store, earlier in the same statement, has just written. */
function readsStored(read: TouchedAt, store: TouchedAt): boolean {
  if (!read.at.every((index, d) => indexKey(index) === indexKey(store.at[d]))) return false;
  const axes = read.at.reduce((all, index) => axesOf(index, all), new Set<string>());
  return [...axes].every((name) => {
    const r = read.loops.find((l) => l.axis === name);
    const s = store.loops.find((l) => l.axis === name);
    return r === undefined ? s === undefined : s !== undefined && r.extent <= s.extent;
  });
}

/** What of a box lies outside another: up to two boxes a dimension. */
function without(box: Box, hole: Box): Box[] {
  if (box.some((r, d) => r.max < hole[d].min || r.min > hole[d].max)) return [box];
  const parts: Box[] = [];
  const rest = [...box];
  for (const [d, h] of hole.entries()) {
    const r = rest[d];
    if (r.min < h.min) parts.push(rest.map((q, k) => (k === d ? { min: r.min, max: h.min - 1 } : q)));
    if (r.max > h.max) parts.push(rest.map((q, k) => (k === d ? { min: h.max + 1, max: r.max } : q)));
    rest[d] = { min: Math.max(r.min, h.min), max: Math.min(r.max, h.max) };
  }
  return parts;
}

/** An index for each dimension of a window: its base plus steps of an axis of the given names. */
export function windowIndex(window: Window, axes: readonly string[]): readonly Index[] {
  return window.base.map((base, d) =>
    combine([
      [base, 1],
      [axis(axes[d]), stepAlong(window, d)],
    ]),
  );
}
