import type { Halo, Storage, StorageDim } from "../../ir/storage.ts";
import { defined } from "../../support/assert.ts";
import { type Extents, NO_PADS } from "../extents.ts";
import type { Pads } from "../graph.ts";
import type { Layout } from "../layout.ts";
import { interleavedDims } from "../view.ts";

const whole = (dim: number): StorageDim => ({ part: "whole", dim });
const outer = (dim: number, factor: number): StorageDim => ({ part: "outer", dim, factor });
const inner = (dim: number, factor: number): StorageDim => ({ part: "inner", dim, factor });

/**
 * An activation as [N, C/block, block, H, W], the channels that exist and no border: what a copy reads or
 * writes. Undefined where the layout cannot be told in these dimensions.
 */
export function copyView(tensor: Extents, layout: Layout, block: number, halo: Pads): Storage | undefined {
  const dims = copyDims(tensor.c, layout, block);
  if (dims === undefined) return undefined;
  const [top, left, bottom, right] = halo;
  const none: Halo = { before: 0, after: 0 };
  return {
    shape: [tensor.n, tensor.c / block, block, tensor.h, tensor.w],
    halo: [none, none, none, { before: top, after: bottom }, { before: left, after: right }],
    dims,
  };
}

function copyDims(channels: number, layout: Layout, block: number): StorageDim[] | undefined {
  if (channels % block !== 0) return undefined;
  if (layout.kind === "planar") return [0, 1, 2, 3, 4].map(whole);
  const { lanes, order } = layout;
  switch (order.kind) {
    case "interleaved":
      if (order.size === block) return interleavedDims(lanes);
      // As many groups as there are lanes: channel i*size + j of such a block lies in lane i of row j.
      if (order.size * lanes !== block) return undefined;
      return [whole(0), inner(2, order.size), whole(1), whole(3), whole(4), outer(2, order.size)];
    case "padded":
      return order.size === block ? inBlocks(lanes) : undefined;
    case "flattened":
      return undefined;
    case "natural": {
      if (block % lanes === 0 || block === channels) {
        return inBlocks(lanes);
      }
      if (lanes % block !== 0) return undefined;
      const groups = lanes / block;
      return [whole(0), outer(1, groups), whole(3), whole(4), inner(1, groups), whole(2)];
    }
  }
}

/** Each block of channels in vectors of its own. */
function inBlocks(lanes: number): StorageDim[] {
  return [whole(0), whole(1), outer(2, lanes), whole(3), whole(4), inner(2, lanes)];
}

export function canCopy(tensor: Extents, layout: Layout, block: number): boolean {
  return copyView(tensor, layout, block, NO_PADS) !== undefined;
}

/** Channels that a layout keeps together. */
function blockOf(layout: Layout): number {
  return layout.kind === "blocked" && "size" in layout.order ? layout.order.size : 1;
}

/** Channels `start` to `start + part.c` of the images `all`, in the blocks that its layout has; undefined where they are not whole. */
export function takeWindow(
  all: Extents,
  part: Extents,
  start: number,
  layout: Layout,
  halo: Pads,
): Storage | undefined {
  const block = blockOf(layout);
  const view = copyView(all, layout, block, halo);
  if (view === undefined || start % block !== 0 || part.c % block !== 0) return undefined;
  const [n, channels, ...rest] = view.halo;
  const window = { before: start / block, after: (all.c - start - part.c) / block };
  return {
    ...view,
    shape: view.shape.with(1, part.c / block),
    halo: [n, { before: channels.before + window.before, after: channels.after + window.after }, ...rest],
  };
}

/** The size of block in which both layouts can be told; undefined where one copy does not do. */
export function commonBlock(tensor: Extents, from: Layout, to: Layout): number | undefined {
  const blocks = [from, to].flatMap((layout) => {
    if (layout.kind === "blocked" && layout.order.kind === "padded") return [layout.order.size];
    if (layout.kind === "planar" || layout.order.kind !== "interleaved") return [1];
    return [layout.order.size, layout.order.size * layout.lanes];
  });
  return blocks.find((block) => canCopy(tensor, from, block) && canCopy(tensor, to, block));
}

/** A copy's view with the group and the channel in it exchanged: how a shuffle reads. */
export function exchangeGroups(view: Storage): Storage {
  const swap = (dim: number): number => (dim === 1 ? 2 : dim === 2 ? 1 : dim);
  const order = [0, 2, 1, 3, 4];
  return {
    shape: order.map((d) => view.shape[d]),
    halo: order.map((d) => view.halo[d]),
    dims: view.dims.map((d) => ({ ...d, dim: swap(d.dim) })),
  };
}

/** How a whole tensor lies, its border left out: the storage's elements in row-major order are the tensor's. */
export function tensorStorage(tensor: Extents, layout: Layout, halo: Pads): Storage {
  return defined(copyView(tensor, layout, blockOf(layout), halo), "a view of the whole tensor");
}
