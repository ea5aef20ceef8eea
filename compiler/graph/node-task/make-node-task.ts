import { isUnbounded } from "../../ops/activations.ts";
import { isUnboundedElementwise } from "../../ops/elementwise.ts";
import type { WinogradPlan } from "../../ops/winograd-blocks.ts";
import { assertNever } from "../../support/assert.ts";
import { anyExtents, elementCount, NO_PADS } from "../extents.ts";
import type { BatchNorm, Conv2d, Dense, Graph, Softmax } from "../graph.ts";
import { channelPositions } from "../layout.ts";
import type { View } from "../view.ts";
import { convTasks } from "./conv-task.ts";
import { asConvolution } from "./convolution-of.ts";
import { elementwiseTask } from "./elementwise-task.ts";
import { activationTask, addTask, clampTask, mulTask, preluTask } from "./map-tasks.ts";
import type { KernelNode, NodeTask, OperandLayouts } from "./node-task.ts";
import { instanceNormTask, layerNormTask } from "./norm-task.ts";
import { activation, constantOf, extentsOf, imageDims, shapeOf } from "./operands.ts";
import { globalPoolTask, poolTask } from "./pool-task.ts";
import { reduceTask } from "./reduce-task.ts";
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
  const tasks = nodeTasks(graph, node, layouts, room);
  return leavesPadding(node.op) ? tasks.map((task) => ({ ...task, leavesPadding: true })) : tasks;
}

/** Below it a map without variance may be divided by 0. */
const LEAST_EPSILON = 1e-12;

/** Softmax writes real channels only; some functions make of what lies between them what is no finite number. */
function leavesPadding(op: KernelNode["op"]): boolean {
  if (op.kind === "softmax" || op.kind === "reduce" || op.kind === "layer-norm") return true;
  // what lies between channels may be the same all over
  if (op.kind === "instance-norm" && op.epsilon < LEAST_EPSILON) return true;
  const unbounded = "activation" in op && op.activation !== undefined && isUnbounded(op.activation.fn);
  return unbounded || (op.kind === "elementwise" && isUnboundedElementwise(op.fn));
}

function nodeTasks(
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
  const images = imageDims(input, layouts);
  const constant = (i: number): Float32Array => constantOf(graph, node, i);
  const shape = shapeOf(graph, node.output);
  switch (op.kind) {
    case "pool":
      return poolTask(op, input, anyExtents(shape), layouts.output);
    case "global-avg-pool":
      return globalPoolTask(input, images);
    case "clamp":
      return clampTask(op, images);
    case "activation":
      return activationTask(op, images);
    case "prelu":
      return preluTask(constant(1), images, channelPositions(layouts.output, input.c));
    case "add":
      return addTask(op, images);
    case "elementwise":
      return elementwiseTask(graph, node, op, layouts);
    case "mul":
      return mulTask(op, images, extentsOf(graph, node.inputs[1]));
    case "reduce":
      return reduceTask(op, shapeOf(graph, node.inputs[0]));
    case "instance-norm":
      return instanceNormTask(op, { scale: constant(1), shift: constant(2) }, input, layouts.output);
    case "layer-norm":
      return layerNormTask(op, { scale: constant(1), shift: constant(2) }, shape);
    case "softmax":
      return softmaxTask(op, shape);
    default:
      return assertNever(op);
  }
}

function softmaxTask({ axis }: Softmax, shape: readonly number[]): NodeTask {
  const [M, K, L] = [elementCount(shape.slice(0, axis)), shape[axis], elementCount(shape.slice(axis + 1))];
  const view: View = { form: "matrix", shape: [M, K, L], pads: NO_PADS };
  return {
    op: "softmax",
    dims: { M, K, L },
    params: [activation("x", 0, view), activation("y", "output", view)],
  };
}
