import { assertNever } from "../../support/assert.ts";
import { slopesOperand } from "../epilogue.ts";
import { type Extents, NO_PADS, shapeOf, windowed } from "../extents.ts";
import type { AddingEpilogue, Conv2d, Graph } from "../graph.ts";
import { gridsOf } from "../grids.ts";
import type { OpWith } from "../node-traits.ts";
import { batchNormAffine } from "../passes/fold-batch-norm.ts";
import { DIRECT, GATED } from "./conv-algorithms.ts";
import type { Convolution } from "./convolution.ts";
import { sumDims } from "./epilogue-dims.ts";
import type { KernelNode } from "./node-task.ts";
import { constantOf } from "./operands.ts";

/** A node whose kernel is a convolution's, as one. */
export function asConvolution(
  graph: Graph,
  node: KernelNode,
  op: OpWith<"convolves">,
  input: Extents,
  output: Extents,
): Convolution {
  const constant = (i: number): Float32Array => constantOf(graph, node, i);
  const grid = gridsOf(graph).get(node.inputs[0]);
  const base = { ...POINTWISE, input, output, grid, epilogue: sumDims(node) };
  switch (op.kind) {
    case "dense":
      return {
        ...base,
        weights: () => constant(1),
        bias: op.bias ? constant(2) : undefined,
        slopes: op.slopes && constant(slopesOperand(op)),
      };
    case "batch-norm": {
      const affine = batchNormAffine(op, node.inputs, (name) => graph.tensors.get(name)?.data);
      const [weights, bias] = [affine.scale, affine.shift].map((of) => Float32Array.from(of));
      return {
        ...base,
        groups: input.c,
        weights: () => weights,
        bias,
        epilogue: { ...base.epilogue, BIAS: 1 },
      };
    }
    case "conv2d":
      return { ...base, ...convolutionOf(graph, node, op, input, output) };
    case "dynamic-conv2d": {
      const { kernel, strides, pads, dilations, groups, bias } = op;
      return {
        ...base,
        ...{ kernel, strides, dilations, pads, groups },
        weights: { block: shapeOf(graph, node.inputs[1])[2], algorithm: op.gates ? GATED : DIRECT },
        bias: bias ? constant(2) : undefined,
        residual: residualOperand(node, op),
      };
    }
    default:
      return assertNever(op);
  }
}

function residualOperand({ inputs }: KernelNode, { residual }: AddingEpilogue): number | undefined {
  return residual ? inputs.length - 1 : undefined;
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
} as const;

function convolutionOf(graph: Graph, node: KernelNode, op: Conv2d, input: Extents, output: Extents) {
  const constant = (i: number): Float32Array => constantOf(graph, node, i);
  const [, , kh, kw] = shapeOf(graph, node.inputs[1]);
  const { strides, dilations, pads, groups } = op;
  const window = { kernel: [kh, kw] as const, strides, dilations, pads };
  return {
    ...window,
    output: op.globalPool || op.behind ? { ...output, ...windowed(input, window) } : output,
    pooled: op.globalPool === true,
    groups,
    weights: () => constant(1),
    bias: op.bias ? constant(2) : undefined,
    slopes: op.slopes && constant(slopesOperand(op)),
    residual: residualOperand(node, op),
  };
}
