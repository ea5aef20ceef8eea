import { type Halo, plainStorage, type Storage, type StorageDim } from "../ir/storage.ts";
import { dims, inner, outer } from "../ops/memory-dims.ts";
import { assertNever, invariant } from "../support/assert.ts";
import { interleavedDims } from "./channel-order.ts";
import { type Extents, isZero } from "./extents.ts";
import type { Pads } from "./graph.ts";
import { inOrder, type Layout, positionCount } from "./layout.ts";
import type { Placement } from "./placement.ts";

/**
 * What one kernel parameter sees of an activation. P counts the positions of the tensor's layout; where a
 * view has H and W, `pads` widens them and is part of what the kernel sees, not of the tensor; pads below 0 leave
 * rows or columns of the tensor away.
 *
 * - `images`: [N, P, H, W]
 * - `dense`: [N, 1, P, H, W]; `exact` leaves padding positions away (natural order only)
 * - `rows`: [1, 1, P, rows, columns], the N images of one pixel each as the pixels of one image; blocked layouts
 * - `lanes`: [N, P, 1, H, W], a depthwise convolution's
 * - `groups`: [N, G, C/G, H, W], lanes within a group, C/G rounded up to them
 * - `interleaved`: [N, G, C/G, H, W], lanes across groups, G rounded up to them
 * - `vector`: [N, P], one pixel
 * - `weights`: a convolution's [G, OC, C/G, KH, KW] of a planar [G*OC/block, C/G*KH*KW, block]; of several groups there is one block
 * - `matrix`: the tensor's elements in any shape, real channels only: planar, or [M, K, 1] of one pixel in natural order;
 *   `order` names its dimensions from the outermost in memory to the innermost, absent: as they are
 */
export type View =
  | {
      readonly form: "images" | "lanes" | "vector";
      readonly pads: Pads;
    }
  | {
      readonly form: "weights";
      readonly shape: readonly number[];
      readonly block: number;
      readonly pads: Pads;
    }
  | { readonly form: "dense"; readonly exact: boolean; readonly pads: Pads }
  | { readonly form: "rows"; readonly exact: boolean; readonly map: PixelMap; readonly pads: Pads }
  | { readonly form: "groups" | "interleaved"; readonly groups: number; readonly pads: Pads }
  | {
      readonly form: "matrix";
      readonly shape: readonly number[];
      readonly order?: readonly number[];
      readonly pads: Pads;
    };

/** Rows and columns of pixels. */
export type PixelMap = readonly [number, number];

const NO_HALO: Halo = { before: 0, after: 0 };

/** Logical shape a kernel sees of a whole tensor, and how it lies in memory. */
export function viewStorage(view: View, placement: Placement): Storage {
  const { extents, layout, halo, window } = placement;
  invariant(window === undefined, "kernels see whole tensors");
  const { n, c } = extents;
  const spatial = spatialExtents(extents, view.pads);
  const edges = spatialHalo(view.pads, halo);
  const positions = positionCount(layout, c);
  switch (view.form) {
    case "images":
      return blocked([n, positions, ...spatial], [NO_HALO, NO_HALO, ...edges], layout, 1);
    case "lanes":
      return blocked([n, positions, 1, ...spatial], [NO_HALO, NO_HALO, NO_HALO, ...edges], layout, 1);
    case "dense": {
      const channels = view.exact ? c : positions;
      return blocked([n, 1, channels, ...spatial], [NO_HALO, NO_HALO, NO_HALO, ...edges], layout, 2);
    }
    case "rows": {
      invariant(layout.kind === "blocked" && isZero(halo), "rows are blocked, without a border");
      const channels = view.exact ? c : positions;
      return { ...plainStorage([1, 1, channels, ...view.map]), dims: pixelsOutsideDims(layout.lanes) };
    }
    case "vector":
      invariant(extents.h * extents.w === 1 && isZero(halo), "a vector has one pixel");
      return blocked([n, positions], [NO_HALO, NO_HALO], layout, 1);
    case "groups": {
      const { groups } = view;
      const halos = [NO_HALO, NO_HALO, NO_HALO, ...edges];
      return blocked([n, groups, positions / groups, ...spatial], halos, layout, 2);
    }
    case "interleaved": {
      const size = c / view.groups;
      return {
        shape: [n, positions / size, size, ...spatial],
        halo: [NO_HALO, NO_HALO, NO_HALO, ...edges],
        dims: interleavedDims(layout.kind === "blocked" ? layout.lanes : 1),
      };
    }
    case "weights": {
      invariant(layout.kind === "planar" && isZero(halo), "weights lie as they are computed");
      return { ...plainStorage(view.shape), dims: weightDims(view.shape, view.block) };
    }
    case "matrix":
      return matrixStorage(view, placement);
    default:
      return assertNever(view);
  }
}

/** [OC/block][IC][KH][KW][block] of a logical [1, OC, IC, KH, KW]; of one block [IC][KH][KW][G][OC], whatever the groups. */
function weightDims([, oc]: readonly number[], block: number): StorageDim[] {
  return isInBlocks(oc, block)
    ? [...dims(0), outer(1, block), ...dims(2, 3, 4), inner(1, block)]
    : [...dims(2, 3, 4, 0, 1)];
}

/** Whether weights of so many output channels in each group lie in several blocks; else one has those of all groups. */
export function isInBlocks(oc: number, block: number): boolean {
  return block < oc;
}

/** [N][G][H][W][C/lanes][C%lanes] of a logical [N, G, C, H, W]. */
function pixelsOutsideDims(lanes: number): StorageDim[] {
  return [...dims(0, 1, 3, 4), outer(2, lanes), inner(2, lanes)];
}

/** Row-major, `dim` split into blocks of the layout's lanes, which come last. */
export function blocked(
  shape: readonly number[],
  halo: readonly Halo[],
  layout: Layout,
  dim: number,
): Storage {
  const plain = { ...plainStorage(shape), halo };
  if (layout.kind === "planar") return plain;
  const { lanes } = layout;
  return { ...plain, dims: [...plain.dims.with(dim, outer(dim, lanes)), inner(dim, lanes)] };
}

function matrixStorage(
  { shape, order = shape.map((_, d) => d) }: Extract<View, { form: "matrix" }>,
  { extents, layout, halo }: Placement,
): Storage {
  invariant(isZero(halo), "a matrix has no border");
  const plain = { ...plainStorage(shape), dims: dims(...order) };
  if (layout.kind === "planar") return plain;
  const onePixel = extents.h * extents.w === 1 && inOrder(layout);
  invariant(onePixel, "a matrix is planar or one pixel");
  const after = positionCount(layout, extents.c) - extents.c;
  if (after === 0) return plain;
  invariant(shape.length === 3, "a matrix of one pixel has rows of channels");
  return { ...plain, halo: [NO_HALO, { before: 0, after }, NO_HALO] };
}

function spatialExtents(tensor: Extents, [top, left, bottom, right]: Pads): [number, number] {
  return [tensor.h + top + bottom, tensor.w + left + right];
}

function spatialHalo(pads: Pads, halo: Pads): [Halo, Halo] {
  const [top, left, bottom, right] = halo.map((border, side) => border - pads[side]);
  invariant(Math.min(top, left, bottom, right) >= 0, "a view's pads lie inside the tensor's border");
  return [
    { before: top, after: bottom },
    { before: left, after: right },
  ];
}
