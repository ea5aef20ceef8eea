import { isSameQuantization, type Quantization } from "../ir/quantization.ts";
import { type ChannelOrder, orderCount, orderPositions, orderText, runLength } from "./channel-order.ts";
import type { Extents } from "./extents.ts";

/**
 * How an activation [N, C, H, W] lies in memory, apart from its border (placement.ts).
 *
 * - `planar`: row-major, as network inputs and outputs are.
 * - `blocked`: [N][P/lanes][H][W][lanes], where position p of the P positions holds the channel that
 *   `order` puts there. P is a multiple of `lanes`; positions without a channel hold finite values.
 */
export type Layout = Numbers &
  (
    | { readonly kind: "planar" }
    | { readonly kind: "blocked"; readonly lanes: number; readonly order: ChannelOrder }
  );

/** What a tensor's numbers are in memory: f32 where nothing else is said. */
export interface Numbers {
  readonly floats?: "f16";
  /** They are i8, which stand for its values so. */
  readonly quantized?: Quantization;
}

/** What a tensor's numbers are, and how many of them a vector of its kernels has. */
export interface Format extends Numbers {
  readonly lanes: number;
}

export const PLANAR: Layout = { kind: "planar" };

export function planarLayout(format: Numbers): Layout {
  return { kind: "planar", ...numbersOf(format) };
}

export function naturalLayout(format: Format): Layout {
  return blockedLayout(format, { kind: "natural" });
}

export function interleavedLayout(format: Format, size: number): Layout {
  return size === 1 ? naturalLayout(format) : blockedLayout(format, { kind: "interleaved", size });
}

export function paddedLayout(format: Format, size: number): Layout {
  return size % format.lanes === 0 ? naturalLayout(format) : blockedLayout(format, { kind: "padded", size });
}

function blockedLayout(format: Format, order: ChannelOrder): Layout {
  return { kind: "blocked", lanes: format.lanes, order, ...numbersOf(format) };
}

/** The numbers of a layout or a format, for what lies as they do; f32 goes without saying. */
export function numbersOf({ floats, quantized }: Numbers): Numbers {
  return { ...(floats && { floats }), ...(quantized && { quantized }) };
}

/** The floats of a layout, for what is computed as they are. */
export function floatsOf({ floats }: Numbers): Pick<Numbers, "floats"> {
  return floats === undefined ? {} : { floats };
}

/** The type of the numbers that lie so. */
export function dtypeOf({ floats, quantized }: Numbers): "f32" | "f16" | "i8" {
  return quantized === undefined ? (floats ?? "f32") : "i8";
}

/** The same order of channels, of other numbers. */
export function inNumbers(layout: Layout, numbers: Numbers): Layout {
  const { floats, quantized, ...order } = layout;
  return { ...order, ...numbersOf(numbers) };
}

/** Whether numbers mean the same. */
export function isAlike(a: Numbers, b: Numbers): boolean {
  return a.floats === b.floats && isSameQuantization(a.quantized, b.quantized);
}

/** Whether numbers lie as ones of a format do. */
export function isOfFormat(layout: Layout, format: Format): boolean {
  return isAlike(layout, format) && (layout.kind === "planar" || layout.lanes === format.lanes);
}

/** An image's memory read as one row of elements. */
export function flattenedLayout(layout: Layout, { c, h, w }: Extents): Layout {
  if (layout.kind === "planar") return layout;
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
  format: Format,
): Layout | undefined {
  if (sameLayout(before, paddedLayout(format, size))) return interleavedLayout(format, groups);
  if (groups % format.lanes === 0 && sameLayout(before, interleavedLayout(format, size)))
    return naturalLayout(format);
  return undefined;
}

/** One pixel of whole blocks is the same memory either way: told as blocked. */
export function canonicalLayout(layout: Layout, extents: Extents | undefined, format: Format): Layout {
  const same = extents !== undefined && extents.h * extents.w === 1 && extents.c % format.lanes === 0;
  return layout.kind === "planar" && same ? naturalLayout(format) : layout;
}

/** A short name; equal layouts have equal names. */
export function layoutText(layout: Layout): string {
  const { floats, quantized } = layout;
  const type = quantized ? `i8(${quantized.scale},${quantized.zeroPoint})` : (floats ?? "");
  return layout.kind === "planar"
    ? `planar${type}`
    : `blocked${layout.lanes}${type}${orderText(layout.order)}`;
}

export function sameLayout(a: Layout, b: Layout): boolean {
  return layoutText(a) === layoutText(b);
}

/** Whether channels lie one by one as they are numbered. */
export function inOrder(layout: Layout): boolean {
  return layout.kind === "planar" || sameLayout(layout, naturalLayout(layout));
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
