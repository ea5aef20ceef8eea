import { HALF_LARGEST } from "../ir/dtype.ts";
import { mayBeHalf } from "../ops/activation/activations.ts";
import { imageExtents, shapeOf } from "./extents.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { constantOperands, has } from "./node-traits.ts";

/**
 * Whether a node can read and write f16: its operator does, all of it is images or rows of channels, its constants are numbers of f16,
 * and what it ends with may be. Means of maps are nodes of their own by then (passes/mean-apart.ts).
 */
export function isHalfNode(graph: Graph, node: GraphNode): boolean {
  const { op, inputs, output } = node;
  if (!has(op, "half")) return false;
  if ("activation" in op && op.activation !== undefined && !mayBeHalf(op.activation.fn)) return false;
  if (op.kind === "conv2d" && (op.globalPool || op.behind !== undefined)) return false;
  const constants = constantOperands(node) ?? [];
  const activations = [...inputs.filter((_, i) => !constants.includes(i)), output];
  if (activations.some((tensor) => imageExtents(shapeOf(graph, tensor)) === undefined)) return false;
  return constants.every((i) => isOfHalves(graph.tensors.get(inputs[i])?.data));
}

function isOfHalves(data: Float32Array | undefined): boolean {
  return data?.every((v) => Math.abs(v) <= HALF_LARGEST) === true;
}
