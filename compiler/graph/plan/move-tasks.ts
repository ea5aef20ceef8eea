import { PORT_MEMORY, type ReadType } from "../../ir/port-type.ts";
import { plainStorage, type Storage } from "../../ir/storage.ts";
import { whole } from "../../ops/memory-dims.ts";
import { opCall } from "../../ops/op-call.ts";
import { invariant } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import { elementCount } from "../extents.ts";
import { dtypeOf, isAlike, type Layout } from "../layout.ts";
import { COPY_DIMS, type Run, transposedRuns } from "../transposed-runs.ts";

/** Copies x to y, which agree in their five dimensions. */
export function copyTask(x: Storage, y: Storage): Task {
  invariant(x.shape.join() === y.shape.join() && x.shape.length === 5, "a copy's sides have one shape");
  const [A, B, C, D, E] = x.shape;
  return { ...opCall("copy", { A, B, C, D, E }), storage: { x, y } };
}

/** Copies numbers of a type to floats: those of 64 bits by their lower halves, which say all of numbers that are floats. */
export function typedCopyTask(type: ReadType, x: Storage, y: Storage): Task {
  const { dtype, each } = PORT_MEMORY[type];
  const { storage, ...copy } = copyTask(x, y);
  return { ...copy, storage: { ...storage, x: each === 1 ? x : lowerHalves(x) }, types: { x: dtype } };
}

/** The same move of numbers that lie so: f16 and i8 as they are, or f16 converted to or from f32. */
export function movedTask(task: Task, x: Layout, y: Layout): Task {
  const [from, to] = [dtypeOf(x), dtypeOf(y)];
  if (from === "f16" && to === "f16") return { ...task, floats: "f16" };
  if (from === "i8" || to === "i8") {
    invariant(isAlike(x, y), "numbers of i8 are moved as they are");
    return { ...task, types: { x: from, y: to } };
  }
  if (from === to) return task;
  const types = { ...(from === "f16" && { x: from }), ...(to === "f16" && { y: to }) };
  return { ...task, types: { ...types, ...task.types } };
}

/** Every other element of memory twice as long: the block in which there is one channel has a second element that nobody reads. */
function lowerHalves(x: Storage): Storage {
  const block = 2;
  invariant(x.shape[block] === 1, "numbers of 64 bits lie channel by channel");
  const { before, after } = x.halo[block];
  return {
    shape: x.shape,
    halo: x.halo.with(block, { before, after: after + 1 }),
    dims: [...x.dims.filter(({ dim }) => dim !== block), whole(block)],
  };
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

/** Planar tensors joined along `axis`: x as it is, y the window of it that begins at `offset`. */
export function concatTask(
  part: readonly number[],
  all: readonly number[],
  axis: number,
  offset: number,
): Task {
  const shape = [elementCount(part.slice(0, axis)), 1, part[axis], 1, elementCount(part.slice(axis + 1))];
  const x = plainStorage(shape);
  const window = { before: offset, after: all[axis] - offset - part[axis] };
  return copyTask(x, { ...x, halo: x.halo.map((none, dim) => (dim === 2 ? window : none)) });
}

/** The window of a planar tensor along `axis` that begins at `start`, planar. */
export function sliceTask(
  all: readonly number[],
  part: readonly number[],
  axis: number,
  start: number,
): Task {
  const { storage, ...copy } = concatTask(part, all, axis, start);
  return { ...copy, storage: { x: storage.y, y: storage.x } };
}

/** A planar tensor with its dimensions permuted, written planar; splitTransposes() has left no more of them than a copy has. */
export function transposeTask(shape: readonly number[], perm: readonly number[]): Task {
  const runs = transposedRuns(shape, perm);
  invariant(runs.length <= COPY_DIMS, "a transposition is a copy");
  // the innermost dimension is what copies run along
  const none: Run = { from: -1, extent: 1 };
  const padded = [...new Array<Run>(COPY_DIMS - runs.length).fill(none), ...runs];
  const memoryOrder = padded.map((_, i) => i).sort((a, b) => padded[a].from - padded[b].from || a - b);
  const y = plainStorage(padded.map(({ extent }) => extent));
  return copyTask({ ...y, dims: memoryOrder.map(whole) }, y);
}
