import { HALF_LARGEST } from "../ir/dtype.ts";
import { halfUse, isComputedInHalf } from "../ops/activation/activations.ts";
import { imageExtents, shapeOf } from "./extents.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { constantOperands, has } from "./node-traits.ts";

/**
 * Whether a node can read and write f16: its operator does, all of it is images or rows of channels, and its constants are numbers of
 * f16. What else it ends with than that (a sigmoid behind a convolution) passes/end-in-halves.ts has made nodes of their own.
 */
export function isHalfNode(graph: Graph, node: GraphNode): boolean {
  const { op, inputs, output } = node;
  if (!has(op, "half")) return false;
  if (has(op, "epilogue") && op.activation !== undefined && !isComputedInHalf(op.activation.fn)) return false;
  if (op.kind === "activation" && halfUse(op.activation.fn) === undefined) return false;
  if (op.kind === "conv2d" && (op.globalPool || op.behind !== undefined)) return false;
  const constants = constantOperands(node) ?? [];
  const activations = [...inputs.filter((_, i) => !constants.includes(i)), output];
  if (activations.some((tensor) => imageExtents(shapeOf(graph, tensor)) === undefined)) return false;
  return constants.every((i) => isOfHalves(graph.tensors.get(inputs[i])?.data));
}

function isOfHalves(data: Float32Array | undefined): boolean {
  return data?.every((v) => Math.abs(v) <= HALF_LARGEST) === true;
}
