import { AFTER, BEFORE } from "../../ops/activate.kernel.ts";
import { ELEMENTWISE } from "../../ops/elementwise.ts";
import type { WinogradPlan } from "../../ops/winograd-blocks.ts";
import { assertNever, defined } from "../../support/assert.ts";
import { anyExtents, type Extents, NO_PADS, windowed } from "../extents.ts";
import {
  type BatchNorm,
  type Conv2d,
  type Dense,
  type Graph,
  type Mul,
  NO_CLAMP,
  type Residual,
  type Softmax,
  slopesOperand,
} from "../graph.ts";
import { channelPositions, positionCount } from "../layout.ts";
import { batchNormAffine } from "../passes/fold-batch-norm.ts";
import type { View } from "../view.ts";
import { alongTask } from "./along-task.ts";
import { type Convolution, convTasks } from "./conv-task.ts";
import {
  activation,
  clampDims,
  type KernelNode,
  type NodeTask,
  type OperandLayouts,
  storeDims,
  weightBinding,
} from "./node-task.ts";
import { poolTask } from "./pool-task.ts";
import type { Room } from "./winograd-calls.ts";

/**
 * The kernel calls that compute a node when its activations lie as `layouts` says: one, or several that each write
 * some of its rows. `room` is what may be written beyond the output (winograd-calls.ts), or the tiles to take; without it a
 * convolution is the plain one, which is the reference.
 */
export function makeNodeTasks(
  graph: Graph,
  node: KernelNode,
  layouts: OperandLayouts,
  room?: Room | WinogradPlan,
): readonly NodeTask[] {
  const { op } = node;
  if (op.kind !== "conv2d" && op.kind !== "dense" && op.kind !== "batch-norm") {
    return [makeNodeTask(graph, node, op, layouts)];
  }
  const input = extentsOf(graph, node.inputs[0]);
  const output = extentsOf(graph, node.output);
  const conv = asConvolution(graph, node, op, input, output);
  const residual = conv.residual && layouts.inputs[conv.residual.operand];
  return convTasks(conv, layouts, residual, room);
}

function makeNodeTask(
  graph: Graph,
  node: KernelNode,
  op: Exclude<KernelNode["op"], Conv2d | Dense | BatchNorm>,
  layouts: OperandLayouts,
): NodeTask {
  const input = extentsOf(graph, node.inputs[0]);
  const output = extentsOf(graph, node.output);
  switch (op.kind) {
    case "pool":
      return poolTask(op, input, output, layouts.output);
    case "global-avg-pool": {
      const dims = { ...imageDims(input, layouts), H: input.h, W: input.w };
      const x = activation("x", 0, { form: "images", pads: NO_PADS });
      const y = activation("y", "output", { form: "vector", pads: NO_PADS });
      return { op: "global-avg-pool", dims, params: [x, y] };
    }
    case "clamp":
      return elementwise("clamp", ["x"], { ...imageDims(input, layouts), ...clampDims(op.clamp) });
    case "activation":
      return elementwise("activation", ["x"], {
        ...imageDims(input, layouts),
        ...storeDims(op.activation, op.clamp),
      });
    case "prelu":
      return preluTask(
        defined(graph.tensors.get(node.inputs[1])?.data, `constant ${node.inputs[1]}`),
        imageDims(input, layouts),
        channelPositions(layouts.output, input.c),
      );
    case "add":
      return elementwise("add", ["a", "b"], {
        ...imageDims(input, layouts),
        ...storeDims(op.activation, op.clamp),
      });
    case "elementwise":
      return elementwise("elementwise", ["a", "b"], {
        ...imageDims(input, layouts),
        FN: ELEMENTWISE[op.fn].fn,
        ...storeDims(op.activation, op.clamp),
      });
    case "mul":
      return mulTask(op, imageDims(input, layouts), extentsOf(graph, node.inputs[1]));
    case "softmax":
      return softmaxTask(op, shapeOf(graph, node.output));
    case "constant":
      return constantTask(constantOf(graph, node, 0));
    case "gather":
    case "resample":
    case "pad":
      return alongTask(op, shapeOf(graph, node.inputs[0]), shapeOf(graph, node.output), layouts.output);
    default:
      return assertNever(op);
  }
}

function asConvolution(
  graph: Graph,
  node: KernelNode,
  op: Conv2d | Dense | BatchNorm,
  input: Extents,
  output: Extents,
): Convolution {
  const constant = (i: number): Float32Array => constantOf(graph, node, i);
  const base = { ...POINTWISE, input, output };
  switch (op.kind) {
    case "dense":
      return {
        ...base,
        weights: constant(1),
        bias: op.bias ? constant(2) : undefined,
        slopes: op.slopes && constant(slopesOperand(op)),
        activation: op.activation,
        clamp: op.clamp,
      };
    case "batch-norm": {
      const affine = batchNormAffine(op, node.inputs, (name) => graph.tensors.get(name)?.data);
      const weights = Float32Array.from(affine.scale);
      return { ...base, groups: input.c, weights, bias: Float32Array.from(affine.shift), clamp: NO_CLAMP };
    }
    case "conv2d":
      return { ...base, ...convolutionOf(graph, node, op, input, output) };
    default:
      return assertNever(op);
  }
}

/** A 1x1 convolution that does nothing beside. */
const POINTWISE = {
  kernel: [1, 1],
  strides: [1, 1],
  dilations: [1, 1],
  pads: NO_PADS,
  groups: 1,
  slopes: undefined,
  residual: undefined,
  pooled: false,
  activation: undefined,
} as const;

function convolutionOf(graph: Graph, node: KernelNode, op: Conv2d, input: Extents, output: Extents) {
  const constant = (i: number): Float32Array => constantOf(graph, node, i);
  const [, , kh, kw] = shapeOf(graph, node.inputs[1]);
  const { strides, dilations, pads, groups, activation, clamp } = op;
  const place = residualPlace(op.residual);
  const window = { kernel: [kh, kw] as const, strides, dilations, pads };
  return {
    ...window,
    output: op.globalPool ? { ...output, ...windowed(input, window) } : output,
    pooled: op.globalPool === true,
    groups,
    weights: constant(1),
    bias: op.bias ? constant(2) : undefined,
    slopes: op.slopes && constant(slopesOperand(op)),
    residual: place ? { operand: node.inputs.length - 1, place } : undefined,
    activation,
    clamp,
  };
}

function constantOf(graph: Graph, node: KernelNode, i: number): Float32Array {
  return defined(graph.tensors.get(node.inputs[i])?.data, `constant ${node.inputs[i]} of ${node.name}`);
}

function elementwise(op: string, inputs: readonly string[], dims: Record<string, number>): NodeTask {
  const view: View = { form: "images", pads: NO_PADS };
  return {
    op,
    dims,
    params: [...inputs.map((param, i) => activation(param, i, view)), activation("y", "output", view)],
  };
}

function mulTask(op: Mul, dims: Record<string, number>, factor: Extents): NodeTask {
  const both = elementwise("mul", ["a", "b", "r"], dims);
  const [a, b, r, y] = both.params;
  return {
    ...both,
    dims: {
      ...dims,
      BH: factor.h,
      BW: factor.w,
      RES: residualPlace(op.residual),
      ...storeDims(op.activation, op.clamp),
    },
    params: [a, b, op.residual ? r : { kind: "unused", param: "r" }, y],
  };
}

/** The dim RES of a kernel. */
function residualPlace(residual: Residual): number {
  return residual === false ? 0 : residual === "after" ? AFTER : BEFORE;
}

/** `channels`: the one that lies at each position, -1 for none. */
function preluTask(
  slopes: Float32Array,
  dims: Record<string, number>,
  channels: ArrayLike<number>,
): NodeTask {
  const { op, params } = elementwise("prelu", ["x"], dims);
  const slope = weightBinding("s", [channels.length], () =>
    Float32Array.from(channels, (c) => (c < 0 ? 0 : slopes[c])),
  );
  return { op, dims, params: [params[0], slope, params[1]] };
}

function constantTask(data: Float32Array): NodeTask {
  const shape = [data.length];
  const y = activation("y", "output", { form: "matrix", shape, pads: NO_PADS });
  return { op: "constant", dims: { L: data.length }, params: [weightBinding("w", shape, () => data), y] };
}

function softmaxTask({ axis }: Softmax, shape: readonly number[]): NodeTask {
  const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
  const [M, K, L] = [size(shape.slice(0, axis)), shape[axis], size(shape.slice(axis + 1))];
  const view: View = { form: "matrix", shape: [M, K, L], pads: NO_PADS };
  return {
    op: "softmax",
    dims: { M, K, L },
    params: [activation("x", 0, view), activation("y", "output", view)],
  };
}

function imageDims(input: Extents, layouts: OperandLayouts): Record<string, number> {
  const C = positionCount(layouts.output, input.c);
  return { N: input.n, C, H: input.h, W: input.w };
}

function shapeOf(graph: Graph, tensor: string): readonly number[] {
  return defined(graph.tensors.get(tensor), `tensor ${tensor}`).shape;
}

function extentsOf(graph: Graph, tensor: string): Extents {
  return anyExtents(shapeOf(graph, tensor));
}
