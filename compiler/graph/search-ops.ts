import type { ScatterName } from "../ops/select/scatter.ts";

// Nodes that look for elements, or place them by numbers that are computed while the network runs. All of them see row-major
// tensors; indices are whole numbers in float32, NaN for none.

/** inputs: x; the place of the greatest (`least`: least) along `axis`, the first of several or the `last`; NaN is greater than all. */
export interface ArgExtreme {
  readonly kind: "arg-extreme";
  readonly axis: number;
  readonly least: boolean;
  readonly last: boolean;
}
/** inputs: x; the sums along `axis` so far, without the element itself where `exclusive`, from the end where `reverse`. */
export interface CumSum {
  readonly kind: "cum-sum";
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}
/**
 * inputs: x; output [2, ...] in the shape of x but for `axis`: the greatest (`least`: least) values there in order, of equal ones the
 * first, then their places.
 */
export interface TopK {
  readonly kind: "top-k";
  readonly axis: number;
  readonly least: boolean;
}
/**
 * inputs: x, at; elements of x along `axis` from where the indices say: those of a list [K], or, where `each`, those of a tensor of
 * the output's shape. What has no index is NaN. `constant`: x is.
 */
export interface GatherAt {
  readonly kind: "gather-at";
  readonly axis: number;
  readonly each: boolean;
  readonly constant?: true;
}
/**
 * inputs: x, at, updates; x, but that the updates, in order, take the place of elements along `axis` or are joined with them: at
 * indices of a list [K], or, where `each`, of a tensor of the shape of the updates, which differs from x along `axis` only. An index
 * that is NaN leaves NaN.
 */
export interface ScatterAt {
  readonly kind: "scatter-at";
  readonly axis: number;
  readonly each: boolean;
  readonly fn: ScatterName;
}
/**
 * inputs: grid [N,OH,OW,2], coordinates of pixels from -1 to 1, columns before rows; output [4,N,T,OH*OW]: of T rows and as many
 * columns of images of the given size, which row, its weight, which column, its weight.
 */
export interface GridTaps {
  readonly kind: "grid-taps";
  readonly mode: "nearest" | "linear" | "cubic";
  readonly padding: "zeros" | "border" | "reflection";
  readonly alignCorners: boolean;
  readonly size: readonly [h: number, w: number];
}
/** inputs: rois [R,4], the ends x, y, x, y of regions; output as that of GridTaps: for the mean of `samples` squared places in each bin, or each of these. */
export interface RoiTaps {
  readonly kind: "roi-taps";
  readonly samples: number;
  readonly bins: readonly [h: number, w: number];
  readonly scale: number;
  /** Pixels lie at the middle of their unit; else regions have at least one. */
  readonly halfPixel: boolean;
  readonly mean: boolean;
  readonly size: readonly [h: number, w: number];
}
/**
 * inputs: x [I,C,IH,IW], taps [4,N,T,H*W] (GridTaps), then the image [N] that each is of if `images`; sums of the pixels in T rows and
 * columns, weighted by both.
 */
export interface Sample {
  readonly kind: "sample";
  /** Instead of their sum the greatest. */
  readonly greatest?: true;
  readonly images: boolean;
}
/**
 * inputs: condition, a, b of the output's rank, spread as those of ElementwiseOp; y = a where the condition is not 0, else b.
 * `unsure`: the condition may be no number, and then so is y.
 */
export interface WhereOp {
  readonly kind: "where";
  readonly unsure?: true;
}

/**
 * inputs: x, then which rows along `axis` are used if `axis` is there; output [1]: 0, or NaN where an element of x is: a run that ends so
 * has failed. The one node that stays though nobody reads it.
 */
export interface Check {
  readonly kind: "check";
  readonly axis?: number;
}
/**
 * inputs: boxes [N,S,4], scores [N,C,S]; output [N,C,M]: where the greatest scores lie whose boxes do not overlap by more than
 * `overlap` of both together, -1 where no more are left. Only scores above `least`, which are numbers. `center`: boxes are x, y of their
 * middle, width and height, else y, x, y, x of two corners.
 */
export interface NonMax {
  readonly kind: "non-max";
  readonly overlap: number;
  readonly least: number | undefined;
  readonly center: boolean;
}
/**
 * inputs: counts [P], each by 0 or 1 more than the one before; output [2,T]: where the first T steps are, and 1 where there is one; 0 and
 * 0 where not.
 */
export interface Places {
  readonly kind: "places";
}
/** inputs: x [...,N,N]; output [...]: the determinants. */
export interface Det {
  readonly kind: "det";
}
/** inputs: x, then which rows along `axis` are used: others are -1, or NaN if `none`. */
export interface UsedRows {
  readonly kind: "used-rows";
  readonly axis: number;
  readonly none: boolean;
}

export type SearchOp =
  | ArgExtreme
  | CumSum
  | TopK
  | GatherAt
  | ScatterAt
  | GridTaps
  | RoiTaps
  | Check
  | NonMax
  | Places
  | UsedRows
  | Det;

const SEARCHES: Readonly<Record<SearchOp["kind"], true>> = {
  "arg-extreme": true,
  "cum-sum": true,
  "top-k": true,
  "gather-at": true,
  "scatter-at": true,
  "grid-taps": true,
  "roi-taps": true,
  check: true,
  "non-max": true,
  places: true,
  "used-rows": true,
  det: true,
};

export function isSearch<T extends { readonly kind: string }>(op: T | SearchOp): op is SearchOp {
  return Object.hasOwn(SEARCHES, op.kind);
}
