import type { StorageDim } from "../ir/storage.ts";
import { dims, inner, outer } from "../ops/memory-dims.ts";
import { assertNever, invariant } from "../support/assert.ts";

/**
 * Which channel lies at which position of a blocked tensor. All that is known of an order is in this file; everything else
 * asks its functions.
 *
 * - `natural`: position p holds channel p.
 * - `interleaved`: channel g*size + j lies at position j*G + g, where G counts the groups rounded up to
 *   the lanes. Neighbouring groups lie side by side, so groups of any size fill vectors.
 * - `padded`: channels in order, each `size` of them rounded up to the lanes, so that every group has vectors of its own.
 * - `flattened`: what a blocked [N, C, H, W] becomes when its memory is read as [N, K, 1, 1].
 */
export type ChannelOrder =
  | RunOrder
  | {
      readonly kind: "flattened";
      readonly of: ChannelOrder;
      readonly channels: number;
      readonly pixels: number;
    };
type RunOrder =
  | { readonly kind: "natural" }
  | { readonly kind: "interleaved"; readonly size: number }
  | { readonly kind: "padded"; readonly size: number };

/** Channels in runs, each filled up to whole vectors: place i of run r holds channel r*between + i*step. */
interface Runs {
  readonly count: number;
  readonly length: number;
  readonly between: number;
  readonly step: number;
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

function runsOf(order: RunOrder, channels: number): Runs {
  switch (order.kind) {
    case "natural":
      return { count: 1, length: channels, between: channels, step: 1 };
    case "interleaved":
      return { count: order.size, length: channels / order.size, between: 1, step: order.size };
    case "padded":
      return { count: channels / order.size, length: order.size, between: order.size, step: 1 };
    default:
      return assertNever(order);
  }
}

/** A short name; equal orders have equal names. */
export function orderText(order: ChannelOrder): string {
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

/** How many positions there are. */
export function orderCount(order: ChannelOrder, lanes: number, channels: number): number {
  if (order.kind === "flattened") return orderCount(order.of, lanes, order.channels) * order.pixels;
  const { count, length } = runsOf(order, channels);
  return count * roundUp(length, lanes);
}

/** The channel at each position, -1 where there is none. */
export function orderPositions(order: ChannelOrder, lanes: number, channels: number): Int32Array {
  if (order.kind !== "flattened") {
    const { count, length, between, step } = runsOf(order, channels);
    const padded = roundUp(length, lanes);
    return Int32Array.from({ length: count * padded }, (_, p) => {
      const i = p % padded;
      return i < length ? Math.floor(p / padded) * between + i * step : -1;
    });
  }
  const { pixels } = order;
  invariant(channels === order.channels * pixels, "a flattened order fits its tensor");
  const inside = orderPositions(order.of, lanes, order.channels);
  return Int32Array.from({ length: inside.length * pixels }, (_, k) => {
    const block = Math.floor(k / (pixels * lanes));
    const pixel = Math.floor(k / lanes) % pixels;
    const channel = inside[block * lanes + (k % lanes)];
    return channel < 0 ? -1 : channel * pixels + pixel;
  });
}

/** How many channels lie side by side before positions without one; undefined where those lie scattered. */
export function sideBySide(order: ChannelOrder, channels: number): number | undefined {
  return order.kind === "flattened" ? undefined : runsOf(order, channels).length;
}

/** Channels that lie together where some of them are taken: any, or groups of so many. */
export function channelsTogether(order: ChannelOrder): number {
  return "size" in order ? order.size : 1;
}

/** Channels of a run, each of which lies as it would alone, in natural order; undefined where an order has no such runs, or one. */
export function runLength(order: ChannelOrder): number | undefined {
  switch (order.kind) {
    case "padded":
      return order.size;
    case "natural":
    case "interleaved":
    case "flattened":
      return undefined;
    default:
      return assertNever(order);
  }
}

/** The position from which channels `first` to `first + count` lie as they would alone, in natural order; undefined where they do not. */
export function wholeVectorsFrom(
  order: ChannelOrder,
  lanes: number,
  first: number,
  count: number,
): number | undefined {
  switch (order.kind) {
    case "natural":
      return first % lanes === 0 && count % lanes === 0 ? first : undefined;
    case "padded":
      if (first % order.size !== 0 || count !== order.size) return undefined;
      return (first / order.size) * roundUp(order.size, lanes);
    case "interleaved":
    case "flattened":
      return undefined;
    default:
      return assertNever(order);
  }
}

/** The sizes of block in which a copy between this order and another may be told; the first is the usual one. */
export function copyBlocks(order: ChannelOrder, lanes: number): readonly number[] {
  switch (order.kind) {
    case "natural":
    case "flattened":
      return [1];
    case "padded":
      return [order.size];
    case "interleaved":
      return [order.size, order.size * lanes];
    default:
      return assertNever(order);
  }
}

/**
 * Dimensions of [N, C/block, block, H, W] as they lie in memory, the outermost first. Undefined where the order cannot be
 * expressed in them.
 */
export function orderDims(
  order: ChannelOrder,
  lanes: number,
  channels: number,
  block: number,
): readonly StorageDim[] | undefined {
  switch (order.kind) {
    case "interleaved":
      if (order.size === block) return interleavedDims(lanes);
      // As many groups as there are lanes: channel i*size + j of such a block lies in lane i of row j.
      if (order.size * lanes !== block) return undefined;
      return [...dims(0), inner(2, order.size), ...dims(1, 3, 4), outer(2, order.size)];
    case "padded":
      return order.size === block ? blocksApart(lanes) : undefined;
    case "flattened":
      return undefined;
    case "natural": {
      if (block % lanes === 0 || block === channels) return blocksApart(lanes);
      if (lanes % block !== 0) return undefined;
      const groups = lanes / block;
      return [...dims(0), outer(1, groups), ...dims(3, 4), inner(1, groups), ...dims(2)];
    }
    default:
      return assertNever(order);
  }
}

/** [N][j][g/lanes][H][W][g%lanes] of a logical [N, G, size, H, W]. */
export function interleavedDims(lanes: number): StorageDim[] {
  return [...dims(0, 2), outer(1, lanes), ...dims(3, 4), inner(1, lanes)];
}

/** Each block of channels in vectors of its own. */
function blocksApart(lanes: number): StorageDim[] {
  return [...dims(0, 1), outer(2, lanes), ...dims(3, 4), inner(2, lanes)];
}
