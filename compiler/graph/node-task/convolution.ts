import { invariant } from "../../support/assert.ts";
import type { Extents } from "../extents.ts";
import type { Pads } from "../graph.ts";
import type { Grid } from "../grids.ts";
import type { SumDims } from "./epilogue-dims.ts";

/** [OC / block, IC/g * KH * KW, block]. */
export interface ComputedWeights {
  readonly block: number;
  /** What decisions know the convolution by. */
  readonly algorithm: string;
}

/** A convolution with its sizes: what conv2d, dense and batch-norm nodes all come to. */
export interface Convolution {
  readonly input: Extents;
  readonly output: Extents;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: Pads;
  readonly groups: number;
  /** [OC, IC/g, KH, KW]; or operand 1 is, in blocks of so many output channels, as it is computed. */
  readonly weights: (() => Float32Array) | ComputedWeights;
  readonly bias: Float32Array | undefined;
  /** What the input holds, where that are multiples of something. */
  readonly grid?: Grid | undefined;
  /** Each channel's slope below zero, of a leaky ReLU. */
  readonly slopes: Float32Array | undefined;
  /** Operand number of the residual. */
  readonly residual: number | undefined;
  /** What becomes of its sums, as kernels take it (epilogue-dims.ts). */
  readonly epilogue: SumDims;
  /** What is written is the mean over each channel's map; `output` is the map. */
  readonly pooled: boolean;
}

/** Those of one that has them. */
export function constantWeights({ weights }: Pick<Convolution, "weights">): Float32Array {
  invariant(typeof weights === "function", "weights that are known when the network is compiled");
  return weights();
}
