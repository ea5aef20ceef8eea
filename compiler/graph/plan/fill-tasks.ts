import { physicalSize, type Storage } from "../../ir/storage.ts";
import type { Task } from "../../task/task.ts";
import { NO_PADS } from "../extents.ts";
import { type ChannelOrder, roundUp } from "../layout.ts";
import { viewStorage } from "../view.ts";
import { type Buffer, isZero } from "./buffers.ts";

/** Writes as much of a buffer's border as is read; undefined where that is none. */
export function haloTask({ extents, layout, halo, filled, fill }: Buffer): Task | undefined {
  if (isZero(filled)) return undefined;
  const [T, L, B, R] = filled;
  const y = viewStorage({ form: "images", pads: filled }, extents, layout, halo);
  const [N, C, H, W] = y.shape;
  return { op: "fill-halo", dims: { N, C, H, W, T, L, B, R, VALUE: fill }, storage: { y } };
}

/**
 * Writes zeros to the positions that hold no channel, after a step that writes only the channels there
 * are. They are the last of each group of positions, so they are the bottom border of [N, pixels, positions, 1].
 */
export function paddingTask(buffer: Buffer): Task | undefined {
  const { layout, extents, halo, readsPadding } = buffer;
  if (!readsPadding || layout.kind === "planar" || layout.order.kind === "flattened") return undefined;
  const together = sideBySide(layout.order, extents.c);
  const H = roundUp(together, layout.lanes);
  if (H === together) return undefined;
  const N = extents.n * (extents.c / together);
  const C = (extents.h + halo[0] + halo[2]) * (extents.w + halo[1] + halo[3]);
  const y: Storage = {
    shape: [N, C, H, 1],
    halo: [0, 1, 2, 3].map(() => ({ before: 0, after: 0 })),
    dims: [
      { part: "whole", dim: 0 },
      { part: "outer", dim: 2, factor: layout.lanes },
      { part: "whole", dim: 1 },
      { part: "whole", dim: 3 },
      { part: "inner", dim: 2, factor: layout.lanes },
    ],
  };
  const dims = { N, C, H, W: 1, T: 0, L: 0, B: H - together, R: 0, VALUE: 0 };
  return { op: "fill-halo", dims, storage: { y } };
}

/** How many channels lie side by side before positions without one. */
function sideBySide(order: ChannelOrder, channels: number): number {
  if (order.kind === "padded") return order.size;
  return order.kind === "interleaved" ? channels / order.size : channels;
}

/** Elements a buffer takes in memory, border and padding included. */
export function bufferElements({ extents, layout, halo }: Buffer): number {
  const whole = viewStorage({ form: "images", pads: NO_PADS }, extents, layout, halo);
  return physicalSize(whole);
}
