import type { Storage } from "../../ir/storage.ts";
import { opCall } from "../../ops/op-call.ts";
import { invariant } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import { isZero } from "../extents.ts";
import { dtypeOf, floatsOf } from "../layout.ts";
import { paddedRows } from "../placement.ts";
import { viewStorage } from "../view.ts";
import type { Buffer } from "./buffers.ts";

/** Writes as much of a buffer's border as is read; undefined where that is none. */
export function haloTask(buffer: Buffer): Task | undefined {
  const { filled, fill } = buffer;
  if (isZero(filled)) return undefined;
  const [T, L, B, R] = filled;
  const y = viewStorage({ form: "images", pads: filled }, buffer);
  const [N, C, H, W] = y.shape;
  return {
    ...opCall("fill-halo", { N, C, H, W, T, L, B, R, VALUE: fill + zeroOf(buffer) }),
    ...written(y, buffer),
  };
}

/** Writes zeros to the positions that hold no channel, after a step that writes only the channels there are: the bottom border of rows. */
export function paddingTask(buffer: Buffer): Task | undefined {
  const padded = buffer.readsPadding ? paddedRows(buffer) : undefined;
  if (padded === undefined) return undefined;
  const { rows, empty } = padded;
  const [N, C, H, W] = rows.shape;
  const call = opCall("fill-halo", { N, C, H, W, T: 0, L: 0, B: empty, R: 0, VALUE: zeroOf(buffer) });
  return { ...call, ...written(rows, buffer) };
}

/** What stands for 0 there: the only value that borders of numbers of i8 hold. */
function zeroOf({ layout: { quantized }, fill }: Buffer): number {
  invariant(quantized === undefined || fill === 0, "a border of numbers of i8 is one of zeros");
  return quantized?.zeroPoint ?? 0;
}

function written(y: Storage, { layout }: Buffer): Pick<Task, "storage" | "floats" | "types"> {
  const types = layout.quantized && { types: { y: dtypeOf(layout) } };
  return { storage: { y }, ...floatsOf(layout), ...types };
}
