import type { Halo, Storage, StorageDim } from "../ir/storage.ts";
import { assertNever, invariant } from "../support/assert.ts";
import type { Extents } from "./extents.ts";
import type { Pads } from "./graph.ts";
import { type Layout, positionCount, roundUp } from "./layout.ts";

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
 * - `matrix`: the tensor's elements in any shape, real channels only: planar, or [M, K, 1] of one pixel in natural order;
 *   `order` names its dimensions from the outermost in memory to the innermost, absent: as they are
 */
export type View =
  | {
      readonly form: "images" | "lanes" | "vector";
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
const whole = (dim: number): StorageDim => ({ part: "whole", dim });

/** Logical shape a kernel sees, and how it lies in memory when the tensor has `layout` and a border of `halo`. */
export function viewStorage(view: View, tensor: Extents, layout: Layout, halo: Pads): Storage {
  const { n } = tensor;
  const spatial = spatialExtents(tensor, view.pads);
  const edges = spatialHalo(view.pads, halo);
  const positions = positionCount(layout, tensor.c);
  switch (view.form) {
    case "images":
      return blocked([n, positions, ...spatial], [NO_HALO, NO_HALO, ...edges], layout, 1);
    case "lanes":
      return blocked([n, positions, 1, ...spatial], [NO_HALO, NO_HALO, NO_HALO, ...edges], layout, 1);
    case "dense": {
      const channels = view.exact ? tensor.c : positions;
      return blocked([n, 1, channels, ...spatial], [NO_HALO, NO_HALO, NO_HALO, ...edges], layout, 2);
    }
    case "rows": {
      invariant(
        layout.kind === "blocked" && halo.every((p) => p === 0),
        "rows are blocked, without a border",
      );
      const channels = view.exact ? tensor.c : positions;
      return {
        shape: [1, 1, channels, ...view.map],
        halo: [NO_HALO, NO_HALO, NO_HALO, NO_HALO, NO_HALO],
        dims: pixelsOutsideDims(layout.lanes),
      };
    }
    case "vector":
      invariant(tensor.h * tensor.w === 1 && halo.every((p) => p === 0), "a vector has one pixel");
      return blocked([n, positions], [NO_HALO, NO_HALO], layout, 1);
    case "groups":
    case "interleaved": {
      const lanes = layout.kind === "blocked" ? layout.lanes : 1;
      const { groups } = view;
      const size = tensor.c / groups;
      const halos = [NO_HALO, NO_HALO, NO_HALO, ...edges];
      if (view.form === "groups")
        return blocked([n, groups, roundUp(size, lanes), ...spatial], halos, layout, 2);
      return {
        shape: [n, roundUp(groups, lanes), size, ...spatial],
        halo: halos,
        dims: interleavedDims(lanes),
      };
    }
    case "matrix":
      return matrixStorage(view, tensor, layout, halo);
    default:
      return assertNever(view);
  }
}

/** [N][G][H][W][C/lanes][C%lanes] of a logical [N, G, C, H, W]. */
function pixelsOutsideDims(lanes: number): StorageDim[] {
  return [
    ...[0, 1, 3, 4].map(whole),
    { part: "outer", dim: 2, factor: lanes },
    { part: "inner", dim: 2, factor: lanes },
  ];
}

/** [N][j][g/lanes][H][W][g%lanes] of a logical [N, G, size, H, W]. */
export function interleavedDims(lanes: number): StorageDim[] {
  return [
    whole(0),
    whole(2),
    { part: "outer", dim: 1, factor: lanes },
    whole(3),
    whole(4),
    { part: "inner", dim: 1, factor: lanes },
  ];
}

/** Row-major, `dim` split into blocks of the layout's lanes, which come last. */
function blocked(shape: readonly number[], halo: readonly Halo[], layout: Layout, dim: number): Storage {
  if (layout.kind === "planar") return { shape, halo, dims: shape.map((_, d) => whole(d)) };
  const factor = layout.lanes;
  const outer = shape.map((_, d): StorageDim => (d === dim ? { part: "outer", dim, factor } : whole(d)));
  return { shape, halo, dims: [...outer, { part: "inner", dim, factor }] };
}

function matrixStorage(
  { shape, order = shape.map((_, d) => d) }: Extract<View, { form: "matrix" }>,
  tensor: Extents,
  layout: Layout,
  halo: Pads,
): Storage {
  invariant(
    halo.every((p) => p === 0),
    "a matrix has no border",
  );
  const dims = order.map(whole);
  const plain = { shape, halo: shape.map(() => NO_HALO), dims };
  if (layout.kind === "planar") return plain;
  invariant(tensor.h * tensor.w === 1 && layout.order.kind === "natural", "a matrix is planar or one pixel");
  const after = roundUp(tensor.c, layout.lanes) - tensor.c;
  if (after === 0) return plain;
  invariant(shape.length === 3, "a matrix of one pixel has rows of channels");
  return { shape, halo: [NO_HALO, { before: 0, after }, NO_HALO], dims };
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
