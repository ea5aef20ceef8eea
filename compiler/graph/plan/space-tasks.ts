import type { Halo, Storage, StorageDim } from "../../ir/storage.ts";
import { inner, outer, whole } from "../../ops/memory-dims.ts";
import { defined } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import type { Extents } from "../extents.ts";
import type { DepthToSpace, SpaceToDepth } from "../graph.ts";
import { inOrder, type Layout } from "../layout.ts";
import { channelView, type Placement } from "../placement.ts";
import type { Blocks } from "../space-depth.ts";
import { copyTask } from "./move-tasks.ts";

/** Whether the many channels of a map can lie in this layout where one copy is to spread them over a larger one of so many channels. */
export function canSpread(op: Blocks, channels: number, layout: Layout): boolean {
  return deepDims(op, channels, layout) !== undefined;
}

/** Channels put side by side in the map: one copy. */
export function spreadTask(op: DepthToSpace, [x, y]: readonly [Placement, Placement]): Task {
  const deep = defined(deepStorage(op, y.extents, x, op.from), "a view of the channels");
  return copyTask(deep, channelView(y));
}

/** The reverse. */
export function collectTask(op: SpaceToDepth, [x, y]: readonly [Placement, Placement]): Task {
  const deep = defined(deepStorage(op, x.extents, y, [0, 0]), "a view of the channels");
  return copyTask(channelView(x), deep);
}

/**
 * The map of many channels, its border left out, as the `flat` one that it is spread to: [N, C, 1, H, W], of which row p is row
 * p / BH of other channels than row p + 1. The map begins at row `from[0]` and column `from[1]` of that.
 */
function deepStorage(
  op: Blocks,
  flat: Extents,
  { extents, layout, halo }: Placement,
  from: readonly [number, number],
): Storage | undefined {
  const dims = deepDims(op, flat.c, layout);
  if (dims === undefined) return undefined;
  const none: Halo = { before: 0, after: 0 };
  return {
    shape: [flat.n, flat.c, 1, flat.h, flat.w],
    halo: [
      none,
      none,
      none,
      spreadBorder(extents.h, [halo[0], halo[2]], op.blocks[0], flat.h, from[0]),
      spreadBorder(extents.w, [halo[1], halo[3]], op.blocks[1], flat.w, from[1]),
    ],
    dims,
  };
}

/** What lies before and behind the flat map's rows, in rows of it. */
function spreadBorder(
  deep: number,
  [begin, end]: readonly [number, number],
  block: number,
  flat: number,
  from: number,
): Halo {
  const before = begin * block + from;
  return { before, after: (begin + deep + end) * block - before - flat };
}

/** How a map of BH*BW*C channels lies in memory, told in the dimensions of the flat map; undefined where those do not tell it. */
function deepDims(
  { blocks: [bh, bw], order }: Blocks,
  channels: number,
  layout: Layout,
): readonly StorageDim[] | undefined {
  const n = whole(0);
  const one = whole(2);
  const [rows, row] = split(3, bh);
  const [columns, column] = split(4, bw);
  if (layout.kind === "planar") {
    const depth = order === "blocks-first" ? [...row, ...column, whole(1)] : [whole(1), ...row, ...column];
    return [n, ...depth, one, rows, columns];
  }
  const { lanes } = layout;
  if (!inOrder(layout)) return undefined;
  if (order === "blocks-first") {
    if (channels % lanes !== 0) return undefined;
    const [outer, inner] = split(1, lanes);
    return [n, ...row, ...column, outer, one, rows, columns, ...inner];
  }
  if (lanes % (bh * bw) !== 0) return undefined;
  const [outer, inner] = split(1, lanes / (bh * bw));
  return [n, outer, one, rows, columns, ...inner, ...row, ...column];
}

/** A dimension in blocks: its outer part, and the inner one where there is any. */
function split(dim: number, factor: number): readonly [StorageDim, readonly StorageDim[]] {
  return factor === 1 ? [whole(dim), []] : [outer(dim, factor), [inner(dim, factor)]];
}
