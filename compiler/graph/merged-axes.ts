import { invariant } from "../support/assert.ts";

/** How many axes are left when neighbours that behave alike in all tensors are taken as one. */
export function mergedRank(shapes: readonly (readonly number[])[]): number {
  return runs(shapes).length;
}

/**
 * Shapes of one rank, spread over each other, with neighbouring axes merged along which the same of them have one element:
 * the same elements in the same order, in `rank` axes, the first of which may be 1.
 */
export function mergedAxes(
  shapes: readonly (readonly number[])[],
  rank: number,
): readonly (readonly number[])[] {
  const merged = runs(shapes);
  invariant(merged.length <= rank, `at most ${rank} axes are left`);
  const ones = Array<number>(rank - merged.length).fill(1);
  return shapes.map((_, i) => [...ones, ...merged.map((extents) => extents[i])]);
}

/** The extents of each shape along each merged axis. */
function runs(shapes: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const along = shapes[0].map((_, axis) => shapes.map((shape) => shape[axis]));
  const merged: number[][] = [];
  let last = "";
  for (const extents of along) {
    if (extents.every((extent) => extent === 1)) continue;
    const pattern = extents.map((extent) => extent === 1).join();
    if (pattern === last) {
      const before = merged[merged.length - 1];
      merged[merged.length - 1] = before.map((extent, i) => extent * extents[i]);
    } else merged.push(extents);
    last = pattern;
  }
  return merged;
}

/** Whether `keptAndReduced` can tell the axes: those to be reduced lie in at most two places. */
export function canReduce(shape: readonly number[], axes: readonly number[]): boolean {
  return alternating(shape, axes).length <= 5;
}

/** A shape as five extents that are kept, reduced, kept, reduced and kept in turn, neighbours merged; the last reduced are in the fourth. */
export function keptAndReduced(
  shape: readonly number[],
  axes: readonly number[],
): readonly [number, number, number, number, number] {
  const runs = alternating(shape, axes);
  invariant(runs.length <= 5, "axes are reduced in at most two places");
  const [a, b, c, d, e] = [...Array<number>(5 - runs.length).fill(1), ...runs];
  return [a, b, c, d, e];
}

/** Extents of runs that are kept and reduced in turn; the first and the last are kept. */
function alternating(shape: readonly number[], axes: readonly number[]): readonly number[] {
  const runs = [1];
  shape.forEach((extent, axis) => {
    if (extent === 1) return;
    const reduced = axes.includes(axis);
    if (reduced === (runs.length % 2 === 0)) runs[runs.length - 1] *= extent;
    else runs.push(extent);
  });
  return runs.length % 2 === 0 ? [...runs, 1] : runs;
}
