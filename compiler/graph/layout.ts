import { type ChannelOrder, orderCount, orderPositions, orderText, runLength } from "./channel-order.ts";
import type { Extents } from "./extents.ts";

/**
 * How an activation [N, C, H, W] lies in memory, apart from its border (placement.ts).
 *
 * - `planar`: row-major, as network inputs and outputs are.
 * - `blocked`: [N][P/lanes][H][W][lanes], where position p of the P positions holds the channel that
 *   `order` puts there. P is a multiple of `lanes`; positions without a channel hold finite values.
 */
export type Layout =
  | { readonly kind: "planar" }
  | { readonly kind: "blocked"; readonly lanes: number; readonly order: ChannelOrder };

export const PLANAR: Layout = { kind: "planar" };

export function naturalLayout(lanes: number): Layout {
  return { kind: "blocked", lanes, order: { kind: "natural" } };
}

export function interleavedLayout(lanes: number, size: number): Layout {
  return size === 1 ? naturalLayout(lanes) : { kind: "blocked", lanes, order: { kind: "interleaved", size } };
}

export function paddedLayout(lanes: number, size: number): Layout {
  return size % lanes === 0
    ? naturalLayout(lanes)
    : { kind: "blocked", lanes, order: { kind: "padded", size } };
}

/** An image's memory read as one row of elements. */
export function flattenedLayout(layout: Layout, { c, h, w }: Extents): Layout {
  if (layout.kind === "planar") return PLANAR;
  return { ...layout, order: { kind: "flattened", of: layout.order, channels: c, pixels: h * w } };
}

/**
 * The layout in the very memory of a tensor once channel g*size + i is called channel i*groups + g; undefined if there is
 * none.
 */
export function shuffledLayout(
  before: Layout,
  groups: number,
  size: number,
  lanes: number,
): Layout | undefined {
  if (sameLayout(before, paddedLayout(lanes, size))) return interleavedLayout(lanes, groups);
  if (groups % lanes === 0 && sameLayout(before, interleavedLayout(lanes, size))) return naturalLayout(lanes);
  return undefined;
}

/** One pixel of whole blocks is the same memory either way: told as blocked. */
export function canonicalLayout(layout: Layout, extents: Extents | undefined, lanes: number): Layout {
  const same = extents !== undefined && extents.h * extents.w === 1 && extents.c % lanes === 0;
  return layout.kind === "planar" && same ? naturalLayout(lanes) : layout;
}

/** A short name; equal layouts have equal names. */
export function layoutText(layout: Layout): string {
  return layout.kind === "planar" ? "planar" : `blocked${layout.lanes}${orderText(layout.order)}`;
}

export function sameLayout(a: Layout, b: Layout): boolean {
  return layoutText(a) === layoutText(b);
}

/** Whether channels lie one by one as they are numbered. */
export function inOrder(layout: Layout): boolean {
  return layout.kind === "planar" || sameLayout(layout, naturalLayout(layout.lanes));
}

/** Channels of a run in vectors of its own, each run as it would lie alone; undefined where there are no runs. */
export function channelRun(layout: Layout): number | undefined {
  return layout.kind === "planar" ? undefined : runLength(layout.order);
}

/** How many positions there are; `channelPositions` says what they hold. */
export function positionCount(layout: Layout, channels: number): number {
  return layout.kind === "planar" ? channels : orderCount(layout.order, layout.lanes, channels);
}

/** The channel at each position, -1 where there is none. Planar tensors hold channel c at position c. */
export function channelPositions(layout: Layout, channels: number): Int32Array {
  if (layout.kind === "planar") return Int32Array.from({ length: channels }, (_, c) => c);
  return orderPositions(layout.order, layout.lanes, channels);
}
