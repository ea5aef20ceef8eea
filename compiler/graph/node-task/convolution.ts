import type { Extents } from "../extents.ts";
import type { Pads } from "../graph.ts";
import type { SumDims } from "./epilogue-dims.ts";

/** A convolution with its sizes: what conv2d, dense and batch-norm nodes all come to. */
export interface Convolution {
  readonly input: Extents;
  readonly output: Extents;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: Pads;
  readonly groups: number;
  /** [OC, IC/g, KH, KW]; undefined where they are computed: operand 1, [1, OC, IC/g * KH * KW, 1]. */
  readonly weights: (() => Float32Array) | undefined;
  readonly bias: Float32Array | undefined;
  /** Each channel's slope below zero, of a leaky ReLU. */
  readonly slopes: Float32Array | undefined;
  /** Operand number of the residual. */
  readonly residual: number | undefined;
  /** What becomes of its sums, as kernels take it (epilogue-dims.ts). */
  readonly epilogue: SumDims;
  /** What is written is the mean over each channel's map; `output` is the map. */
  readonly pooled: boolean;
}
