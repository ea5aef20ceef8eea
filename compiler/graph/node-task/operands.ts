import type { Sizes } from "../../language/kernel.ts";
import { defined } from "../../support/assert.ts";
import { anyExtents, type Extents, NO_PADS, shapeOf } from "../extents.ts";
import type { Graph, GraphNode } from "../graph.ts";
import { positionCount } from "../layout.ts";
import type { View } from "../view.ts";
import { type OperandLayouts, type ParamBinding, weightBinding } from "./node-task.ts";

// What tasks of nodes are made of.

export function extentsOf(graph: Graph, tensor: string): Extents {
  return anyExtents(shapeOf(graph, tensor));
}

/** The contents of a constant operand. */
export function constantOf(graph: Graph, node: GraphNode, i: number): Float32Array {
  return defined(graph.tensors.get(node.inputs[i])?.data, `constant ${node.inputs[i]} of ${node.name}`);
}

/** A parameter bound to an operand of the node, or to its output. */
export function activation(param: string, operand: number | "output", view: View): ParamBinding {
  return { kind: "activation", param, operand, view, padValue: 0 };
}

/** The same as images, without a border. */
export function images(param: string, operand: number | "output"): ParamBinding {
  return activation(param, operand, { form: "images", pads: NO_PADS });
}

/** The same as rows of elements, in any shape. */
export function matrix(
  param: string,
  operand: number | "output",
  shape: readonly number[],
  order?: readonly number[],
): ParamBinding {
  return activation(param, operand, { form: "matrix", shape, ...(order && { order }), pads: NO_PADS });
}

/** A list of numbers. */
export function weight(param: string, data: ArrayLike<number>): ParamBinding {
  return weightBinding(param, [data.length], () =>
    data instanceof Float32Array ? data : Float32Array.from(data),
  );
}

/** A list of places. */
export function indices(param: string, at: ArrayLike<number>): ParamBinding {
  return weightBinding(param, [at.length], () => Int32Array.from(at));
}

/** A weight of a number for each position of channels, which holds the channel that `channels` says, or none: -1. */
export function channelWeight(
  param: string,
  channels: ArrayLike<number>,
  values: Float32Array,
): ParamBinding {
  return weightBinding(param, [channels.length], () =>
    Float32Array.from(channels, (channel) => (channel < 0 ? 0 : values[channel])),
  );
}

export type ImageDims = Sizes<"N C H W">;

/** Extents of images as a kernel sees them whose output lies as `layouts` says. */
export function imageDims(input: Extents, layouts: OperandLayouts): ImageDims {
  return { N: input.n, C: positionCount(layouts.output, input.c), H: input.h, W: input.w };
}
