import { defined } from "../../support/assert.ts";
import { anyExtents, type Extents } from "../extents.ts";
import type { Graph, GraphNode } from "../graph.ts";
import { positionCount } from "../layout.ts";
import type { View } from "../view.ts";
import type { OperandLayouts, ParamBinding } from "./node-task.ts";

// What tasks of nodes are made of.

export function shapeOf(graph: Graph, tensor: string): readonly number[] {
  return defined(graph.tensors.get(tensor), `tensor ${tensor}`).shape;
}

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

/** Extents of images as a kernel sees them whose output lies as `layouts` says. */
export function imageDims(input: Extents, layouts: OperandLayouts): Record<"N" | "C" | "H" | "W", number> {
  return { N: input.n, C: positionCount(layouts.output, input.c), H: input.h, W: input.w };
}
