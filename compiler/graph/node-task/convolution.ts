import type { Extents } from "../extents.ts";
import type { Activation, Clamp, Pads } from "../graph.ts";

/** A convolution with its sizes: what conv2d, dense and batch-norm nodes all come to. */
export interface Convolution {
  readonly input: Extents;
  readonly output: Extents;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: Pads;
  readonly groups: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array | undefined;
  /** Each channel's slope below zero, of a leaky ReLU. */
  readonly slopes: Float32Array | undefined;
  /** Operand number of the residual, and where it is added: BEFORE or AFTER (ops/epilogue/epilogue.kernel.ts). */
  readonly residual: { readonly operand: number; readonly place: number } | undefined;
  readonly activation: Activation | undefined;
  readonly clamp: Clamp;
  /** What is written is the mean over each channel's map; `output` is the map. */
  readonly pooled: boolean;
}
