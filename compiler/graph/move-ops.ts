type Pair = readonly [number, number];

// Nodes that only move values, or put sums of few of them together.

/** inputs: x; the output tensor carries the new shape. */
export interface Reshape {
  readonly kind: "reshape";
}
/** inputs: x; output dimension i is input dimension perm[i]. */
export interface Transpose {
  readonly kind: "transpose";
  readonly perm: readonly number[];
}
/** inputs: two or more tensors, joined along `axis` (not negative). */
export interface Concat {
  readonly kind: "concat";
  readonly axis: number;
}
/** inputs: x; along `axis` (not negative) from `start` on, as much as the output tensor has. */
export interface Slice {
  readonly kind: "slice";
  readonly axis: number;
  readonly start: number;
}
/**
 * inputs: x; element i of the output along an axis is element at[i] of x. One axis of any tensor, or both H and W of [N,C,H,W];
 * all others are taken whole.
 */
export interface Gather {
  readonly kind: "gather";
  readonly axes: readonly { readonly axis: number; readonly at: readonly number[] }[];
}
/**
 * inputs: x; element i of the output along an axis is the sum of `taps` elements at[i * taps + t] of x, each times its
 * weights[i * taps + t]. One axis of any tensor, or both H and W of [N,C,H,W].
 */
export interface Resample {
  readonly kind: "resample";
  readonly axes: readonly ResampledAxis[];
}
export interface ResampledAxis {
  readonly axis: number;
  readonly taps: number;
  readonly at: readonly number[];
  readonly weights: readonly number[];
}
/**
 * inputs: x; `value` around it, as much before and after each axis as is said there; what is below 0 is left away instead. One
 * axis of any tensor, or both H and W of [N,C,H,W].
 */
export interface PadOp {
  readonly kind: "pad";
  readonly axes: readonly { readonly axis: number; readonly before: number; readonly after: number }[];
  readonly value: number;
}
/** inputs: w (constant); the output is w, for a node that takes it as an activation. */
export interface ConstantOp {
  readonly kind: "constant";
}
/**
 * inputs: x [N, BH*BW*C, H, W], blocks [BH, BW]; y[n][c][i][j] is x[n][channel][p / BH][q / BW] with p = i + from[0] and
 * q = j + from[1], so the first rows and columns may be left out, and the last ones, as the output tensor has it.
 * `blocks-first`: the channel is ((p % BH) * BW + q % BW) * C + c (DCR of ONNX); `channels-first`: (c * BH + p % BH) * BW + q % BW (CRD).
 */
export interface DepthToSpace {
  readonly kind: "depth-to-space";
  readonly blocks: Pair;
  readonly order: "blocks-first" | "channels-first";
  readonly from: Pair;
}
/** inputs: x [N,C,H,W]; output [N, BH*BW*C, H/BH, W/BW]: what a depth-to-space of the same order takes back. */
export interface SpaceToDepth {
  readonly kind: "space-to-depth";
  readonly blocks: Pair;
  readonly order: DepthToSpace["order"];
}
/**
 * inputs: x, mean [C], scale [C] (constant); x is a picture as a camera gives it, [N,H,W,C] (`nhwc`) or [N,C,H,W], a network's input;
 * y [N,C,H,W], y[n][c] = (x's channel c - mean[c]) * scale[c], of x's channel C-1-c where it is `reversed`, and resampled before that
 * along H and W where it is `resized`.
 */
export interface Frame {
  readonly kind: "frame";
  readonly layout: "nhwc" | "nchw";
  readonly reversed: boolean;
  readonly resized?: { readonly rows: ResampledAxis; readonly columns: ResampledAxis };
}
