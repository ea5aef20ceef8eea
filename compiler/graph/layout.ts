import { assertNever, invariant } from "../support/assert.ts";

/**
 * How an activation [N, C, H, W] lies in memory, apart from its border.
 *
 * - `planar`: row-major, as network inputs and outputs are.
 * - `blocked`: [N][P/lanes][H][W][lanes], where position p of the P positions holds the channel that
 *   `order` puts there. P is a multiple of `lanes`; positions without a channel hold finite values.
 */
export type Layout =
  | { readonly kind: "planar" }
  | { readonly kind: "blocked"; readonly lanes: number; readonly order: ChannelOrder };

/**
 * - `natural`: position p holds channel p.
 * - `interleaved`: channel g*size + j lies at position j*G + g, where G counts the groups rounded up to
 *   the lanes. Neighbouring groups lie side by side, so groups of any size fill vectors.
 * - `padded`: channels in order, each `size` of them rounded up to the lanes, so that every group has vectors of its own.
 * - `flattened`: what a blocked [N, C, H, W] becomes when its memory is read as [N, K, 1, 1].
 */
export type ChannelOrder =
  | { readonly kind: "natural" }
  | { readonly kind: "interleaved"; readonly size: number }
  | { readonly kind: "padded"; readonly size: number }
  | {
      readonly kind: "flattened";
      readonly of: ChannelOrder;
      readonly channels: number;
      readonly pixels: number;
    };

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

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** A short name; equal layouts have equal names. */
export function layoutText(layout: Layout): string {
  return layout.kind === "planar" ? "planar" : `blocked${layout.lanes}${orderText(layout.order)}`;
}

function orderText(order: ChannelOrder): string {
  switch (order.kind) {
    case "natural":
      return "";
    case "interleaved":
      return `-by${order.size}`;
    case "padded":
      return `-padded${order.size}`;
    case "flattened":
      return `${orderText(order.of)}-flat${order.channels}x${order.pixels}`;
    default:
      return assertNever(order);
  }
}

export function sameLayout(a: Layout, b: Layout): boolean {
  return layoutText(a) === layoutText(b);
}

/** How many positions there are; `channelPositions` says what they hold. */
export function positionCount(layout: Layout, channels: number): number {
  return layout.kind === "planar" ? channels : orderCount(layout.order, layout.lanes, channels);
}

function orderCount(order: ChannelOrder, lanes: number, channels: number): number {
  switch (order.kind) {
    case "natural":
      return roundUp(channels, lanes);
    case "interleaved":
      return roundUp(channels / order.size, lanes) * order.size;
    case "padded":
      return (channels / order.size) * roundUp(order.size, lanes);
    case "flattened":
      return orderCount(order.of, lanes, order.channels) * order.pixels;
    default:
      return assertNever(order);
  }
}

/** The channel at each position, -1 where there is none. Planar tensors hold channel c at position c. */
export function channelPositions(layout: Layout, channels: number): Int32Array {
  if (layout.kind === "planar") return Int32Array.from({ length: channels }, (_, c) => c);
  return orderPositions(layout.order, layout.lanes, channels);
}

function orderPositions(order: ChannelOrder, lanes: number, channels: number): Int32Array {
  switch (order.kind) {
    case "natural":
      return Int32Array.from({ length: roundUp(channels, lanes) }, (_, p) => (p < channels ? p : -1));
    case "interleaved": {
      const { size } = order;
      const groups = channels / size;
      const padded = roundUp(groups, lanes);
      return Int32Array.from({ length: padded * size }, (_, p) => {
        const g = p % padded;
        return g < groups ? g * size + Math.floor(p / padded) : -1;
      });
    }
    case "padded": {
      const { size } = order;
      const padded = roundUp(size, lanes);
      return Int32Array.from({ length: (channels / size) * padded }, (_, p) =>
        p % padded < size ? Math.floor(p / padded) * size + (p % padded) : -1,
      );
    }
    case "flattened": {
      const { pixels } = order;
      invariant(channels === order.channels * pixels, "a flattened order fits its tensor");
      const inner = orderPositions(order.of, lanes, order.channels);
      return Int32Array.from({ length: inner.length * pixels }, (_, k) => {
        const block = Math.floor(k / (pixels * lanes));
        const pixel = Math.floor(k / lanes) % pixels;
        const channel = inner[block * lanes + (k % lanes)];
        return channel < 0 ? -1 : channel * pixels + pixel;
      });
    }
    default:
      return assertNever(order);
  }
}
