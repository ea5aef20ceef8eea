import { defined } from "../support/assert.ts";
import type { Graph, Pads } from "./graph.ts";

/** A tensor seen as images: batch, channels, height, width. */
export interface Extents {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
}
export const NO_PADS: Pads = [0, 0, 0, 0];

export function isZero(pads: Pads): boolean {
  return pads.every((p) => p === 0);
}

/** On each side the wider of two. */
export function widest(a: Pads = NO_PADS, b: Pads = NO_PADS): Pads {
  const side = (i: number): number => Math.max(a[i], b[i]);
  return [side(0), side(1), side(2), side(3)];
}

export function shapeOf(graph: Graph, tensor: string): readonly number[] {
  return defined(graph.tensors.get(tensor), `tensor ${tensor}`).shape;
}

/** [N,C,H,W] as it is, [N,C] as one-pixel images; tensors of other ranks have no channels to block by. */
export function imageExtents(shape: readonly number[]): Extents | undefined {
  if (shape.length === 4) return { n: shape[0], c: shape[1], h: shape[2], w: shape[3] };
  return shape.length === 2 ? { n: shape[0], c: shape[1], h: 1, w: 1 } : undefined;
}

/** A sequence [N,C,L] is an image of one row. */
function sequenceExtents([n, c, w]: readonly number[]): Extents {
  return { n, c, h: 1, w };
}

/** Images and sequences as such; of any other rank, what follows the channels counts as height, and a single dimension as width. */
export function anyExtents(shape: readonly number[]): Extents {
  const image = imageExtents(shape);
  if (image !== undefined) return image;
  if (shape.length === 3) return sequenceExtents(shape);
  if (shape.length < 2) return { n: 1, c: 1, h: 1, w: elementCount(shape) };
  return { n: shape[0], c: shape[1], h: elementCount(shape.slice(2)), w: 1 };
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** A window moving over an image, as convolutions and pools have it. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: Pads;
}

/** Rows and columns of places a window takes in an image. */
export function windowed(
  input: Extents,
  { kernel, strides, dilations, pads }: Window,
): { readonly h: number; readonly w: number } {
  const places = (axis: 0 | 1, extent: number): number => {
    const room = extent + pads[axis] + pads[axis + 2] - (kernel[axis] - 1) * dilations[axis] - 1;
    return Math.floor(room / strides[axis]) + 1;
  };
  return { h: places(0, input.h), w: places(1, input.w) };
}

/**
 * The border a window really touches when it yields an output of `out`: pads at the end that stride over
 * are left away, and a window that overhangs (ceil_mode) gets what it needs.
 */
export function touchedPads(window: Window, input: Extents, out: Extents): Pads {
  const [top, left] = window.pads;
  const end = (axis: 0 | 1, outputs: number, extent: number, before: number): number =>
    Math.max(
      0,
      (outputs - 1) * window.strides[axis] +
        (window.kernel[axis] - 1) * window.dilations[axis] +
        1 -
        extent -
        before,
    );
  return [top, left, end(0, out.h, input.h, top), end(1, out.w, input.w, left)];
}
