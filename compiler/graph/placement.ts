import { BYTES } from "../ir/dtype.ts";
import { type Halo, plainStorage, type Storage } from "../ir/storage.ts";
import { dims, inner, outer } from "../ops/memory-dims.ts";
import { invariant } from "../support/assert.ts";
import {
  channelsTogether,
  copyBlocks,
  orderDims,
  roundUp,
  sideBySide,
  wholeVectorsFrom,
} from "./channel-order.ts";
import { type Extents, NO_PADS } from "./extents.ts";
import type { Pads } from "./graph.ts";
import { dtypeOf, inOrder, type Layout, positionCount } from "./layout.ts";

/**
 * Where images [N, C, H, W] lie in memory: positions of channels as the layout says, each plane inside a border, and, where
 * some channels of larger images are meant, which. What kernels see of it is a View (view.ts).
 */
export interface Placement {
  /** Of all that lies there, in elements. */
  readonly extents: Extents;
  readonly layout: Layout;
  /** Elements above, to the left, below and to the right of each plane that are not part of the images. */
  readonly halo: Pads;
  /** `count` channels from `first` on; absent: all. */
  readonly window?: { readonly first: number; readonly count: number };
}

/** Channels `first` to `first + count` of the images. */
export function channelWindow({ extents, layout, halo }: Placement, first: number, count: number): Placement {
  return { extents, layout, halo, window: { first, count } };
}

/** Elements that all of it takes in memory, border and positions without a channel included. */
export function placementElements(placement: Placement): number {
  const { extents, layout } = placement;
  return extents.n * positionCount(layout, extents.c) * planeElements(placement);
}

/** Elements from one plane to the next, where planes lie apart: rows and columns, border included. */
export function planeElements({ extents: { h, w }, halo: [top, left, bottom, right] }: Placement): number {
  return (h + top + bottom) * (w + left + right);
}

/** Bytes that all of it takes. */
export function placementBytes(placement: Placement): number {
  return placementElements(placement) * BYTES[dtypeOf(placement.layout)];
}

/** Bytes before a position of an image in blocks. */
export function positionBytes(placement: Placement, position: number): number {
  return position * planeElements(placement) * BYTES[dtypeOf(placement.layout)];
}

/** Bytes before a window that is memory of its own: whole vectors of one image. Undefined where it is not. */
export function windowBytes(placement: Placement): number | undefined {
  const { extents, layout, window } = placement;
  if (window === undefined || layout.kind === "planar" || extents.n !== 1) return undefined;
  const position = wholeVectorsFrom(layout.order, layout.lanes, window.first, window.count);
  return position === undefined ? undefined : positionBytes(placement, position);
}

/** As [N, C/block, block, H, W], what a copy reads or writes. Undefined where that cannot be expressed. */
export function blockView({ extents, layout, halo, window }: Placement, block: number): Storage | undefined {
  const { n, c, h, w } = extents;
  const { first, count } = window ?? { first: 0, count: c };
  if ([c, first, count].some((channels) => channels % block !== 0)) return undefined;
  const memory =
    layout.kind === "planar" ? dims(0, 1, 2, 3, 4) : orderDims(layout.order, layout.lanes, c, block);
  if (memory === undefined) return undefined;
  const around = { before: first / block, after: (c - first - count) / block };
  return { shape: [n, count / block, block, h, w], halo: fiveHalos(around, halo), dims: memory };
}

/** As [N, C, 1, H, W], what a copy of any channels reads or writes: planar or in natural order. */
export function channelView({ extents, layout, halo, window }: Placement): Storage {
  const { n, c, h, w } = extents;
  const { first, count } = window ?? { first: 0, count: c };
  const around = { before: first, after: c - first - count };
  invariant(inOrder(layout), "channels are seen one by one in order");
  return {
    shape: [n, count, 1, h, w],
    halo: fiveHalos(around, halo),
    dims:
      layout.kind === "planar"
        ? dims(0, 1, 2, 3, 4)
        : [...dims(0), outer(1, layout.lanes), ...dims(2, 3, 4), inner(1, layout.lanes)],
  };
}

const NONE: Halo = { before: 0, after: 0 };

function fiveHalos(channels: Halo, [top, left, bottom, right]: Pads): readonly Halo[] {
  return [NONE, channels, NONE, { before: top, after: bottom }, { before: left, after: right }];
}

/** In the blocks that its layout keeps together: elements in row-major order are the images'. Undefined where a window cuts one. */
export function ownView(placement: Placement): Storage | undefined {
  return blockView(placement, togetherIn(placement.layout));
}

/** Channels that a layout keeps together. */
function togetherIn(layout: Layout): number {
  return layout.kind === "planar" ? 1 : channelsTogether(layout.order);
}

/** Whether a copy can read or write images in such blocks. */
export function canCopy(extents: Extents, layout: Layout, block: number): boolean {
  return blockView({ extents, layout, halo: NO_PADS }, block) !== undefined;
}

/** The size of block in which both layouts can be expressed; undefined where one copy does not do. */
export function commonBlock(extents: Extents, from: Layout, to: Layout): number | undefined {
  return [from, to]
    .flatMap((layout) => (layout.kind === "planar" ? [1] : copyBlocks(layout.order, layout.lanes)))
    .find((block) => canCopy(extents, from, block) && canCopy(extents, to, block));
}

/**
 * The positions of each run of channels as rows, [N, pixels, positions, 1], of which the last `empty` hold none. Undefined
 * where all hold one, or those that do not lie scattered.
 */
export function paddedRows(
  placement: Placement,
): { readonly rows: Storage; readonly empty: number } | undefined {
  const { extents, layout } = placement;
  if (layout.kind === "planar") return undefined;
  const together = sideBySide(layout.order, extents.c);
  if (together === undefined || together % layout.lanes === 0) return undefined;
  const positions = roundUp(together, layout.lanes);
  const shape = [extents.n * (extents.c / together), planeElements(placement), positions, 1];
  const memory = [...dims(0), outer(2, layout.lanes), ...dims(1, 3), inner(2, layout.lanes)];
  return { rows: { ...plainStorage(shape), dims: memory }, empty: positions - together };
}
