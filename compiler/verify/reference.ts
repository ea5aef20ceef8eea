import { anyExtents, elementCount, shapeOf } from "../graph/extents.ts";
import type { Graph, GraphNode, Slice } from "../graph/graph.ts";
import { PLANAR } from "../graph/layout.ts";
import { asStored, orderedView, seenBy } from "../graph/matrix-data.ts";
import { makeNodeTasks } from "../graph/node-task/make-node-task.ts";
import {
  isKernelNode,
  type KernelNode,
  type OperandLayouts,
  type ParamBinding,
} from "../graph/node-task/node-task.ts";
import { foldConstants } from "../graph/passes/fold-constants.ts";
import { depthToSpace, spaceToDepth } from "../graph/space-depth.ts";
import { transposeData } from "../graph/transpose-data.ts";
import { viewStorage } from "../graph/view.ts";
import { assertNever, defined, invariant } from "../support/assert.ts";
import { padImage } from "./pad.ts";
import { runKernel } from "./run-kernel.ts";

/** Row-major contents of tensors, by name. */
export type TensorData = ReadonlyMap<string, Float32Array>;

/** Reads a tensor's row-major contents. */
export type Read = (tensor: string) => Float32Array;

/**
 * Runs a network as its kernels' TypeScript functions over row-major data, any graph: as imported or
 * optimised. Gives every tensor that was computed, inputs included; `onNode` sees each as it is ready, and what it
 * returns takes the tensor's place for the nodes that follow.
 */
export function runReference(
  model: Graph,
  inputs: Readonly<Record<string, Float32Array>>,
  onNode?: (node: GraphNode, output: Float32Array, graph: Graph, read: Read) => Float32Array | undefined,
): TensorData {
  const nodes = referenceNodes(model, inputs, onNode);
  for (;;) {
    const { done, value } = nodes.next();
    if (done) return value;
  }
}

/** The same a node at a time, for who does something else between. */
export function* referenceNodes(
  model: Graph,
  inputs: Readonly<Record<string, Float32Array>>,
  onNode?: (node: GraphNode, output: Float32Array, graph: Graph, read: Read) => Float32Array | undefined,
): Generator<void, TensorData> {
  // Kernels take their weights as constants; exporters reshape or transpose some.
  const graph = foldConstants(model);
  const data = new Map<string, Float32Array>();
  for (const name of graph.inputs) data.set(name, checkedInput(graph, name, inputs[name]));
  const read: Read = (tensor) =>
    defined(data.get(tensor) ?? graph.tensors.get(tensor)?.data, `contents of ${tensor}`);
  for (const node of graph.nodes) {
    const output = runNode(graph, node, read);
    data.set(node.output, onNode?.(node, output, graph, read) ?? output);
    yield;
  }
  return data;
}

function checkedInput(graph: Graph, name: string, data: Float32Array | undefined): Float32Array {
  const size = elementCount(shapeOf(graph, name));
  invariant(data?.length === size, `input ${name} has ${size} elements`);
  return data;
}

function runNode(graph: Graph, node: GraphNode, read: Read): Float32Array {
  return isKernelNode(node) ? runKernelNode(graph, node, read) : moveNode(graph, node, read);
}

/** What a node that only moves values makes of them. */
export function moveNode(graph: Graph, node: GraphNode, read: Read): Float32Array {
  const { op, inputs } = node;
  switch (op.kind) {
    case "reshape":
      return read(inputs[0]);
    case "transpose":
      return transposeData(read(inputs[0]), shapeOf(graph, inputs[0]), op.perm);
    case "depth-to-space":
      return depthToSpace(read(inputs[0]), shapeOf(graph, inputs[0]), shapeOf(graph, node.output), op);
    case "space-to-depth":
      return spaceToDepth(read(inputs[0]), shapeOf(graph, inputs[0]), op);
    case "concat":
      return concat(
        inputs.map((name) => ({ data: read(name), shape: shapeOf(graph, name) })),
        op.axis,
      );
    case "slice":
      return slice(read(inputs[0]), shapeOf(graph, inputs[0]), shapeOf(graph, node.output), op);
    default:
      invariant(false, `${op.kind} only moves values`);
  }
}

function runKernelNode(graph: Graph, node: KernelNode, read: Read): Float32Array {
  const [{ op, dims, params }] = makeNodeTasks(graph, node, planarLayouts(node));
  const output = new Float32Array(elementCount(shapeOf(graph, node.output)));
  const tensors = params.map((binding) => {
    switch (binding.kind) {
      case "unused":
        return undefined;
      case "weight":
        return { shape: binding.shape, data: binding.data };
      case "activation":
        return binding.operand === "output"
          ? { shape: viewedShape(graph, node, binding), data: output }
          : viewedInput(graph, node, binding, read);
      default:
        return assertNever(binding);
    }
  });
  runKernel(op, dims, tensors);
  return storedOutput(params, output);
}

/** A kernel's result as the tensor's own row-major contents. */
export function storedOutput(params: readonly ParamBinding[], result: Float32Array): Float32Array {
  const written = params.find((p) => p.kind === "activation" && p.operand === "output");
  const ordered = written?.kind === "activation" ? orderedView(written.view) : undefined;
  return ordered === undefined ? result : asStored(ordered, result);
}

/** The layouts in which a node's kernel reads and writes row-major data. */
export function planarLayouts(node: GraphNode): OperandLayouts {
  return { inputs: node.inputs.map(() => PLANAR), output: PLANAR };
}

type ActivationBinding = Extract<ParamBinding, { kind: "activation" }>;

function viewedShape(graph: Graph, node: GraphNode, { operand, view }: ActivationBinding): readonly number[] {
  const tensor = operand === "output" ? node.output : node.inputs[operand];
  const extents = anyExtents(shapeOf(graph, tensor));
  return viewStorage(view, { extents, layout: PLANAR, halo: view.pads }).shape;
}

/** An activation as a kernel sees it, padding included. */
export function viewedInput(
  graph: Graph,
  node: GraphNode,
  binding: ActivationBinding,
  read: Read,
): { readonly shape: readonly number[]; readonly data: Float32Array } {
  const { operand, view, padValue } = binding;
  invariant(operand !== "output", "an input");
  const tensor = node.inputs[operand];
  const { n, c, h, w } = anyExtents(shapeOf(graph, tensor));
  const data = padImage(read(tensor), [n, c, h, w], view.pads, padValue);
  return { shape: viewedShape(graph, node, binding), data: seenBy(view, data) };
}

function slice(
  data: Float32Array,
  from: readonly number[],
  to: readonly number[],
  { axis, start }: Slice,
): Float32Array {
  const inner = elementCount(from.slice(axis + 1));
  const [row, taken] = [from[axis] * inner, to[axis] * inner];
  const out = new Float32Array(elementCount(to));
  for (let at = 0; at * taken < out.length; at++) {
    const begin = at * row + start * inner;
    out.set(data.subarray(begin, begin + taken), at * taken);
  }
  return out;
}

function concat(
  parts: readonly { readonly data: Float32Array; readonly shape: readonly number[] }[],
  axis: number,
): Float32Array {
  const outer = elementCount(parts[0].shape.slice(0, axis));
  const rows = parts.map(({ data }) => data.length / outer);
  const out = new Float32Array(parts.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (let i = 0; i < outer; i++) {
    parts.forEach(({ data }, p) => {
      out.set(data.subarray(i * rows[p], (i + 1) * rows[p]), at);
      at += rows[p];
    });
  }
  return out;
}
