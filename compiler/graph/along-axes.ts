import { elementCount } from "./extents.ts";

/** A node that works along some axes of its tensors. */
interface Along {
  readonly axes: readonly { readonly axis: number }[];
}

/** Whether its kernel sees them as images, in any layout: along H and W of [N,C,H,W]. */
export function isAlongImages({ axes }: Along, shape: readonly number[]): boolean {
  return shape.length === 4 && axes.every(({ axis }) => axis >= 2);
}

/** The dimensions before an axis, its own, and those behind it. */
export function mergedAround(shape: readonly number[], axis: number): readonly [number, number, number] {
  return [elementCount(shape.slice(0, axis)), shape[axis], elementCount(shape.slice(axis + 1))];
}
