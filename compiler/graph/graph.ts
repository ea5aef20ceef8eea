import type { CallerType } from "../ir/port-type.ts";
import type { ActivationName } from "../ops/activation/activations.ts";
import type { ElementwiseName } from "../ops/elementwise/elementwise.ts";
import type { ReductionName } from "../ops/reduce/reductions.ts";
import type {
  Concat,
  ConstantOp,
  DepthToSpace,
  Frame,
  Gather,
  PadOp,
  Resample,
  Reshape,
  Slice,
  SpaceToDepth,
  Transpose,
} from "./move-ops.ts";
import type { Sample, SearchOp, WhereOp } from "./search-ops.ts";

export type * from "./move-ops.ts";
export type * from "./search-ops.ts";

/**
 * A network as a graph of tensors and nodes, immutable. Shapes are static (batch included), what is computed is f32,
 * activations are NCHW, convolution weights [OC, IC/g, KH, KW] as in ONNX.
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** In topological order. */
  readonly nodes: readonly GraphNode[];
  /** Every tensor, constants included. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * Of an input or output: what its caller gives or is given; absent: f32. Nodes read and write its numbers as f32 all the same: an
   * input holds none that f32 does not (of f64: the nearest), and of an output whose node gives others, or NaN, there is none of a whole type.
   */
  readonly type?: CallerType;
  /** Of an output: along this axis only the first rows are used, as many as there are; others are -1, or NaN among floats. */
  readonly rows?: number;
  /** Present for constants: logical row-major contents. */
  readonly data?: Float32Array;
}

/** One node: `inputs` in the order its `op` documents, one output tensor. */
export interface GraphNode {
  readonly name: string;
  readonly op: NodeOp;
  readonly inputs: readonly string[];
  readonly output: string;
}
type Pair = readonly [number, number];
/** top, left, bottom, right, as ONNX orders `pads` for two dimensions. */
export type Pads = readonly [number, number, number, number];

/** Bounds applied to a result: `min(max(v, lo), hi)`; ReLU is {0, Infinity}, ReLU6 {0, 6}. */
export interface Clamp {
  readonly lo: number;
  readonly hi: number;
}
export const NO_CLAMP: Clamp = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };

/** A function applied to a result before it is clamped; `alpha` and `beta` are 0 where it has none. */
export interface Activation {
  readonly fn: ActivationName;
  readonly alpha: number;
  readonly beta: number;
}

/** What a node does to what it computed before it stores it: the activation, then the clamp (epilogue.ts has all of it, in order). */
export interface Epilogue {
  readonly activation?: Activation;
  readonly clamp: Clamp;
}
/** Where a residual is added: to the sum, or to what activation and clamp made of it. */
export type Residual = false | "before" | "after";
/** The residual is the last operand. */
export interface AddingEpilogue extends Epilogue {
  readonly residual: Residual;
}
/** The bias is the operand behind the weights, the slopes are the one behind that. */
export interface LinearEpilogue extends Epilogue {
  readonly bias: boolean;
  /** The activation is a leaky ReLU, with a slope of its own for each channel. */
  readonly slopes?: true;
}

export type NodeOp =
  | Conv2d
  | DynamicConv2d
  | BatchNorm
  | ClampOp
  | ActivationOp
  | PRelu
  | Add
  | ElementwiseOp
  | WhereOp
  | Mul
  | Pool
  | GlobalAvgPool
  | Reduce
  | InstanceNorm
  | Lrn
  | LayerNorm
  | Dense
  | MatMul
  | Recurrent
  | Reshape
  | Transpose
  | Concat
  | Slice
  | Gather
  | Resample
  | PadOp
  | ConstantOp
  | DepthToSpace
  | SpaceToDepth
  | Softmax
  | Frame
  | Sample
  | SearchOp;
export type NodeKind = NodeOp["kind"];

/**
 * inputs: x [N,C,H,W], w [OC,C/g,KH,KW], then bias [OC] if `bias`, then slopes [OC] (constant) if `slopes`, then residual
 * [N,OC,OH,OW] if `residual`. y = clamp(activation(conv + bias + residual)), or clamp(activation(conv + bias)) + residual.
 */
export interface Conv2d extends AddingEpilogue, LinearEpilogue {
  readonly kind: "conv2d";
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
  readonly groups: number;
  /** The output is the mean over each channel's map of all that, [N,OC] or [N,OC,1,1]. */
  readonly globalPool?: true;
  /** The output is what a window over all that makes of it, as the map is never stored; its weights and bias are the last operands. */
  readonly behind?: WindowBehind;
}
/** The same by weights that are computed, [OC/B,C/g*KH*KW,B] (B = OC of several groups), the bias constant. */
export interface DynamicConv2d extends AddingEpilogue {
  readonly kind: "dynamic-conv2d";
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
  readonly groups: number;
  readonly bias: boolean;
  /** They are constant ones times gates of x, in place of x: passes/gate-weights.ts. */
  readonly gates?: true;
}
/** What goes over a convolution's map while it is made: a depthwise convolution, weights [OC,1,KH,KW] and then bias [OC] if `bias`, or maxima. */
export type WindowBehind = {
  /** Of the layer that it was. */
  readonly name: string;
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
} & (({ readonly mode: "depthwise"; readonly bias: boolean } & Epilogue) | { readonly mode: "max" });
/** inputs: x [N,C,...], scale, bias, mean, var, each [C]; inference form (ONNX BatchNormalization). */
export interface BatchNorm {
  readonly kind: "batch-norm";
  readonly epsilon: number;
}
/** inputs: x. */
export interface ClampOp {
  readonly kind: "clamp";
  readonly clamp: Clamp;
}
/** inputs: x; y = clamp(activation(x)). */
export interface ActivationOp {
  readonly kind: "activation";
  readonly activation: Activation;
  readonly clamp: Clamp;
}
/** inputs: x [N,C,...], slope [C] (constant); y = max(x, 0) + slope * min(x, 0). */
export interface PRelu {
  readonly kind: "prelu";
}
/** inputs: a, b of equal shape; y = clamp(activation(a + b)). */
export interface Add extends Epilogue {
  readonly kind: "add";
}
/**
 * inputs: a, b of the output's rank, spread along axes where they have one element and the output more;
 * y = clamp(activation(fn(a, b))).
 */
export interface ElementwiseOp extends Epilogue {
  readonly kind: "elementwise";
  readonly fn: ElementwiseName;
  /** b is constant, and that operand of fn. */
  readonly constant?: "first" | "second";
}
/** inputs: a, then b of its shape or [N,C,1,...], then a residual of the shape of a if `residual`, which is added as a convolution does it. */
export interface Mul extends AddingEpilogue {
  readonly kind: "mul";
}
/**
 * inputs: x [N,C,H,W]; padding never wins a maximum, and counts in an average only when `countIncludePad`, but for the outermost
 * `uncounted` of it.
 */
export interface Pool {
  readonly kind: "pool";
  readonly mode: "max" | "average";
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
  readonly countIncludePad: boolean;
  readonly uncounted?: Pads;
}
/** inputs: x [N,C,H,W]; output [N,C,1,1]. */
export interface GlobalAvgPool {
  readonly kind: "global-avg-pool";
}
/** inputs: x; the elements along `axes` (not negative, ascending) joined; the output tensor has them as 1, or not at all. */
export interface Reduce {
  readonly kind: "reduce";
  readonly fn: ReductionName;
  readonly axes: readonly number[];
}
/**
 * inputs: x [N,C,...], scale [C], shift [C] (constant); y = clamp(activation((x - mean) / sqrt(variance + epsilon) * scale + shift)),
 * mean and variance those of each channel of each image.
 */
export interface InstanceNorm extends Epilogue {
  readonly kind: "instance-norm";
  readonly epsilon: number;
}
/**
 * inputs: x [N,C,H,W]; y = x / (bias + alpha / size * squares)^beta, squares the sum of those of `size` neighbours among the channels,
 * (size - 1) / 2 of them before the element, rounded down.
 */
export interface Lrn {
  readonly kind: "lrn";
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}
/** inputs: x, scale [K], shift [K] (constant), K all elements from `axis` (not negative) on: the same of these. */
export interface LayerNorm {
  readonly kind: "layer-norm";
  readonly axis: number;
  readonly epsilon: number;
}
/** inputs: x [N,K], w [OC,K] (constant), then bias [OC] if `bias`, then slopes [OC] as a convolution has. */
export interface Dense extends LinearEpilogue {
  readonly kind: "dense";
}
/**
 * Matrices that an operand is, row-major as any tensor, whatever its shape: `shape` are two dimensions of batches, of extent 1
 * where one matrix serves them all, rows and columns; `order` tells which of the four lies outermost, which next, and so on.
 */
export interface Matrices {
  readonly shape: readonly [number, number, number, number];
  readonly order: readonly number[];
}
/**
 * inputs: a, b (one of them may be constant), then r if `residual`, which may be constant too. y = clamp(activation(scale * (a x b) + r)),
 * or clamp(activation(scale * (a x b))) + r; r is spread where an extent of it is 1.
 */
export interface MatMul extends AddingEpilogue {
  readonly kind: "matmul";
  readonly a: Matrices;
  readonly b: Matrices;
  readonly y: Matrices;
  readonly scale: number;
  /** Of the residual; absent: it lies as y does. */
  readonly r?: Matrices;
}
/**
 * One direction of a recurrent layer of ONNX. inputs: x [T,N,G], the inputs of its gates, weighted, with all biases; r [G,H]
 * (constant), the weights of the states before; h0 [N,H]; for an lstm c0 [N,H], then peepholes [3,H] (constant) if `peepholes`;
 * the bias [H] (constant) of a gru's weighted state if `resetLate`. Output: the states of all steps [T,N,H], in the order of x, and
 * of an lstm the last c behind them, [T+1,N,H].
 */
export interface Recurrent {
  readonly kind: "recurrent";
  readonly cell: "rnn" | "gru" | "lstm";
  readonly reverse: boolean;
  /** Largest size of what activations are given. */
  readonly clip: number;
  /** f; f, g; f, g, h. */
  readonly activations: readonly Activation[];
  readonly peepholes?: true;
  /** What an lstm forgets is what it does not take in. */
  readonly inputForget?: true;
  readonly resetLate?: true;
}
/** inputs: x; along `axis` (not negative). `log`: its logarithm; `hard`: 1 where the first greatest value lies, else 0. */
export interface Softmax {
  readonly kind: "softmax";
  readonly axis: number;
  readonly result?: "log" | "hard";
}
