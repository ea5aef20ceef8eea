import { PORT_MEMORY, type ReadType } from "../../ir/port-type.ts";
import { plainStorage, type Storage } from "../../ir/storage.ts";
import { invariant } from "../../support/assert.ts";
import type { Task } from "../../task/task.ts";
import { type Extents, elementCount } from "../extents.ts";
import type { Pads } from "../graph.ts";
import type { Layout } from "../layout.ts";
import { COPY_DIMS, type Run, transposedRuns } from "../transposed-runs.ts";

/** Copies x to y, which agree in their five dimensions. */
export function copyTask(x: Storage, y: Storage): Task {
  invariant(x.shape.join() === y.shape.join() && x.shape.length === 5, "a copy's sides have one shape");
  const [A, B, C, D, E] = x.shape;
  return { op: "copy", dims: { A, B, C, D, E }, storage: { x, y } };
}

/** Copies numbers of a type to floats: those of 64 bits by their lower halves, which say all of numbers that are floats. */
export function typedCopyTask(type: ReadType, x: Storage, y: Storage): Task {
  const { dtype, each } = PORT_MEMORY[type];
  const { storage, ...copy } = copyTask(x, y);
  return { ...copy, storage: { ...storage, x: each === 1 ? x : lowerHalves(x) }, types: { x: dtype } };
}

/** Every other element of memory twice as long: the block in which there is one channel has a second element that nobody reads. */
function lowerHalves(x: Storage): Storage {
  const block = 2;
  invariant(x.shape[block] === 1, "numbers of 64 bits lie channel by channel");
  const { before, after } = x.halo[block];
  return {
    shape: x.shape,
    halo: x.halo.with(block, { before, after: after + 1 }),
    dims: [...x.dims.filter(({ dim }) => dim !== block), { part: "whole", dim: block }],
  };
}

/** Channels `offset` to `offset + part.c` of the images `all`, as a copy writes them; natural order or planar. */
export function joinWindow(all: Extents, part: Extents, offset: number, layout: Layout, halo: Pads): Storage {
  const [top, left, bottom, right] = halo;
  const none = { before: 0, after: 0 };
  const dims = [0, 1, 2, 3, 4].map((dim) => ({ part: "whole", dim }) as const);
  const [n, c, one, h, w] = dims;
  return {
    shape: [part.n, part.c, 1, part.h, part.w],
    halo: [
      none,
      { before: offset, after: all.c - offset - part.c },
      none,
      { before: top, after: bottom },
      { before: left, after: right },
    ],
    dims:
      layout.kind === "planar"
        ? dims
        : [
            n,
            { part: "outer", dim: c.dim, factor: layout.lanes },
            one,
            h,
            w,
            { part: "inner", dim: c.dim, factor: layout.lanes },
          ],
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
  const { op, dims, storage } = concatTask(part, all, axis, start);
  return { op, dims, storage: { x: storage.y, y: storage.x } };
}

/** A planar tensor with its dimensions permuted, written planar; splitTransposes() has left no more of them than a copy has. */
export function transposeTask(shape: readonly number[], perm: readonly number[]): Task {
  const runs = transposedRuns(shape, perm);
  invariant(runs.length <= COPY_DIMS, "a transposition is a copy");
  const none: Run = { from: shape.length, extent: 1 };
  const padded = [...runs, ...new Array<Run>(COPY_DIMS - runs.length).fill(none)];
  const memoryOrder = padded.map((_, i) => i).sort((a, b) => padded[a].from - padded[b].from || a - b);
  const y = plainStorage(padded.map(({ extent }) => extent));
  return copyTask({ ...y, dims: memoryOrder.map((dim) => ({ part: "whole", dim })) }, y);
}
