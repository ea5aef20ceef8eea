import { elementCount } from "../../compiler/graph/extents.ts";
import {
  type Clamp,
  type Graph,
  type GraphNode,
  NO_CLAMP,
  type NodeOp,
  type Pads,
  type Tensor,
} from "../../compiler/graph/graph.ts";
import type { ActivationName } from "../../compiler/ops/activation/activations.ts";
import type { ElementwiseName } from "../../compiler/ops/elementwise/elementwise.ts";
import { defined } from "../../compiler/support/assert.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";

export const RELU: Clamp = { lo: 0, hi: Number.POSITIVE_INFINITY };

/** One number for rows and columns, or one for each. */
export type Sides = number | readonly [number, number];
export interface ConvOptions {
  readonly oc: number;
  readonly kernel?: Sides;
  readonly stride?: Sides;
  readonly pads?: Pads;
  readonly dilation?: Sides;
  readonly groups?: number;
  readonly bias?: boolean;
}
export interface PoolOptions {
  readonly kernel: Sides;
  readonly stride?: Sides;
  readonly pads?: Pads;
  readonly dilation?: Sides;
  readonly countIncludePad?: boolean;
}

/** Writes graphs down as a program: each call adds a node and returns the name of its output. */
export interface GraphBuilder {
  input(shape: readonly number[]): string;
  conv(x: string, options: ConvOptions): string;
  batchNorm(x: string): string;
  clamp(x: string, clamp?: Clamp): string;
  activation(x: string, fn: ActivationName, alpha?: number, beta?: number): string;
  prelu(x: string): string;
  add(a: string, b: string): string;
  elementwise(a: string, b: string, fn: ElementwiseName): string;
  mul(a: string, b: string): string;
  maxPool(x: string, options: PoolOptions): string;
  avgPool(x: string, options: PoolOptions): string;
  globalAvgPool(x: string): string;
  dense(x: string, oc: number, bias?: boolean): string;
  reshape(x: string, shape: readonly number[]): string;
  transpose(x: string, perm: readonly number[]): string;
  concat(inputs: readonly string[], axis: number): string;
  slice(x: string, axis: number, start: number, length: number): string;
  softmax(x: string, axis: number): string;
  shuffle(x: string, groups: number): string;
  constant(shape: readonly number[], data?: Float32Array): string;
  shape(tensor: string): readonly number[];
  node(kind: NodeOp, inputs: readonly string[], shape: readonly number[]): string;
  finish(outputs: readonly string[]): Graph;
}

export function graphBuilder(rng: Rng = makeRng(1)): GraphBuilder {
  const tensors = new Map<string, Tensor>();
  const nodes: GraphNode[] = [];
  const inputs: string[] = [];
  const counts = new Map<string, number>();
  const fresh = (kind: string): string => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return `${kind}${count}`;
  };
  const shape = (tensor: string): readonly number[] => defined(tensors.get(tensor), tensor).shape;
  const constant = (dims: readonly number[], data?: Float32Array): string => {
    const name = fresh("const");
    const contents = data ?? Float32Array.from({ length: elementCount(dims) }, () => rng.normal() * 0.5);
    tensors.set(name, { name, shape: dims, data: contents });
    return name;
  };
  /** Scaled so that values keep their size from layer to layer. */
  const scaledWeights = (dims: readonly number[]): string => {
    const scale = Math.sqrt(2 / elementCount(dims.slice(1)));
    return constant(
      dims,
      Float32Array.from({ length: elementCount(dims) }, () => rng.normal() * scale),
    );
  };
  const node = (op: NodeOp, from: readonly string[], dims: readonly number[]): string => {
    const name = fresh(op.kind);
    const output = `${name}_out`;
    tensors.set(output, { name: output, shape: dims });
    nodes.push({ name, op, inputs: from, output });
    return output;
  };
  const pool = (mode: "max" | "average", x: string, options: PoolOptions): string => {
    const { kernel, stride = 1, pads = [0, 0, 0, 0], dilation = 1, countIncludePad = false } = options;
    const [n, c, h, w] = shape(x);
    const [[kh, kw], [sh, sw], [dh, dw]] = [both(kernel), both(stride), both(dilation)];
    const op: NodeOp = {
      kind: "pool",
      mode,
      kernel: [kh, kw],
      strides: [sh, sw],
      pads,
      dilations: [dh, dw],
      countIncludePad,
    };
    const oh = windowCount(h + pads[0] + pads[2], kh, sh, dh);
    return node(op, [x], [n, c, oh, windowCount(w + pads[1] + pads[3], kw, sw, dw)]);
  };
  const builder: GraphBuilder = {
    input: (dims) => {
      const name = fresh("input");
      tensors.set(name, { name, shape: dims });
      inputs.push(name);
      return name;
    },
    conv: (x, options) => {
      const {
        oc,
        kernel = 3,
        stride = 1,
        pads = [0, 0, 0, 0],
        dilation = 1,
        groups = 1,
        bias = true,
      } = options;
      const [[kh, kw], [sh, sw], [dh, dw]] = [both(kernel), both(stride), both(dilation)];
      const [n, c, h, w] = shape(x);
      const weights = scaledWeights([oc, c / groups, kh, kw]);
      const op: NodeOp = {
        kind: "conv2d",
        strides: [sh, sw],
        pads,
        dilations: [dh, dw],
        groups,
        bias,
        residual: false,
        clamp: NO_CLAMP,
      };
      const out = [
        n,
        oc,
        windowCount(h + pads[0] + pads[2], kh, sh, dh),
        windowCount(w + pads[1] + pads[3], kw, sw, dw),
      ];
      return node(op, bias ? [x, weights, constant([oc])] : [x, weights], out);
    },
    batchNorm: (x) => {
      const c = shape(x)[1];
      const positive = Float32Array.from({ length: c }, () => 0.5 + rng.next());
      const parameters = [constant([c]), constant([c]), constant([c]), constant([c], positive)];
      return node({ kind: "batch-norm", epsilon: 1e-5 }, [x, ...parameters], shape(x));
    },
    clamp: (x, clamp = RELU) => node({ kind: "clamp", clamp }, [x], shape(x)),
    activation: (x, fn, alpha = 0, beta = 0) =>
      node({ kind: "activation", activation: { fn, alpha, beta }, clamp: NO_CLAMP }, [x], shape(x)),
    prelu: (x) => node({ kind: "prelu" }, [x, constant([shape(x)[1]])], shape(x)),
    elementwise: (a, b, fn) => node({ kind: "elementwise", fn, clamp: NO_CLAMP }, [a, b], shape(a)),
    add: (a, b) => node({ kind: "add", clamp: NO_CLAMP }, [a, b], shape(a)),
    mul: (a, b) => node({ kind: "mul", residual: false, clamp: NO_CLAMP }, [a, b], shape(a)),
    maxPool: (x, options) => pool("max", x, options),
    avgPool: (x, options) => pool("average", x, options),
    globalAvgPool: (x) => node({ kind: "global-avg-pool" }, [x], [...shape(x).slice(0, 2), 1, 1]),
    dense: (x, oc, bias = true) => {
      const [n, k] = shape(x);
      const weights = scaledWeights([oc, k]);
      const op: NodeOp = { kind: "dense", bias, clamp: NO_CLAMP };
      return node(op, bias ? [x, weights, constant([oc])] : [x, weights], [n, oc]);
    },
    reshape: (x, dims) => node({ kind: "reshape" }, [x], dims),
    transpose: (x, perm) =>
      node(
        { kind: "transpose", perm },
        [x],
        perm.map((d) => shape(x)[d]),
      ),
    concat: (from, axis) => {
      const dims = [...shape(from[0])];
      dims[axis] = from.reduce((sum, name) => sum + shape(name)[axis], 0);
      return node({ kind: "concat", axis }, from, dims);
    },
    slice: (x, axis, start, length) => node({ kind: "slice", axis, start }, [x], shape(x).with(axis, length)),
    softmax: (x, axis) => node({ kind: "softmax", axis }, [x], shape(x)),
    shuffle: (x, groups) => {
      const [n, c, h, w] = shape(x);
      const split = builder.reshape(x, [n, groups, c / groups, h, w]);
      return builder.reshape(builder.transpose(split, [0, 2, 1, 3, 4]), [n, c, h, w]);
    },
    constant,
    shape,
    node,
    finish: (outputs) => ({ name: "test", inputs, outputs, nodes, tensors }),
  };
  return builder;
}

function both(sides: Sides): readonly [number, number] {
  return typeof sides === "number" ? [sides, sides] : sides;
}

export function windowCount(extent: number, kernel: number, stride: number, dilation: number): number {
  return Math.floor((extent - (kernel - 1) * dilation - 1) / stride) + 1;
}

export function randomInputs(graph: Graph, rng: Rng): Record<string, Float32Array> {
  return Object.fromEntries(
    graph.inputs.map((name) => {
      const size = elementCount(defined(graph.tensors.get(name), name).shape);
      return [name, Float32Array.from({ length: size }, () => rng.normal())];
    }),
  );
}
