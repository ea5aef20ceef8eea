import { isUnbounded } from "../../ops/activation/activations.ts";
import type { ConvPlan } from "../../ops/conv2d/algorithm.ts";
import { isUnboundedElementwise } from "../../ops/elementwise/elementwise.ts";
import { opCall } from "../../ops/op-call.ts";
import { assertNever } from "../../support/assert.ts";
import { anyExtents, shapeOf } from "../extents.ts";
import type { Graph, Sample } from "../graph.ts";
import { channelPositions, positionCount } from "../layout.ts";
import { has, type OpWith, writesImages } from "../node-traits.ts";
import { isSearch, type SearchOp } from "../search-ops.ts";
import { alongTask, constantTask } from "./along-task.ts";
import { bandTask } from "./band-task.ts";
import type { Room } from "./conv-algorithms.ts";
import { convTasks } from "./conv-task.ts";
import { asConvolution } from "./convolution-of.ts";
import { elementwiseTask, whereTask } from "./elementwise-task.ts";
import { clampDims, countedDims, endingDims } from "./epilogue-dims.ts";
import { frameTask } from "./frame-task.ts";
import { activationTask, mapParams, mulTask, preluTask } from "./map-tasks.ts";
import { matmulTask } from "./matmul-task.ts";
import type { KernelNode, NodeTask, OperandLayouts } from "./node-task.ts";
import { instanceNormTask, layerNormTask, lrnTask } from "./norm-task.ts";
import { constantOf, extentsOf, imageDims } from "./operands.ts";
import { globalPoolTask, poolTask } from "./pool-task.ts";
import { recurrentTask } from "./recurrent-task.ts";
import { reduceTask } from "./reduce-task.ts";
import { sampleTask, searchTask } from "./search-task.ts";
import { softmaxTask } from "./softmax-task.ts";

/**
 * The kernel calls that compute a node when its activations lie as `layouts` says: one, or several that each write
 * some of its rows. `room` is what may be written beyond the output (conv-algorithms.ts), or the plan to take; without it a
 * convolution is the plain one, which is the reference.
 */
export function makeNodeTasks(
  graph: Graph,
  node: KernelNode,
  layouts: OperandLayouts,
  room?: Room | ConvPlan,
): readonly NodeTask[] {
  const tasks = nodeTasks(graph, node, layouts, room);
  return leavesPadding(graph, node) ? tasks.map((task) => ({ ...task, leavesPadding: true })) : tasks;
}

/** Below it a map without variance may be divided by 0. */
const LEAST_EPSILON = 1e-12;

/** Those that see rows of elements write real channels only; some functions make of what lies between them what is no finite number. */
function leavesPadding(graph: Graph, node: KernelNode): boolean {
  if (!writesImages(graph, node)) return true;
  const { op } = node;
  // what lies between channels may be the same all over
  if (op.kind === "instance-norm" && op.epsilon < LEAST_EPSILON) return true;
  const unbounded = "activation" in op && op.activation !== undefined && isUnbounded(op.activation.fn);
  return unbounded || (op.kind === "elementwise" && isUnboundedElementwise(op.fn));
}

function nodeTasks(
  graph: Graph,
  node: KernelNode,
  layouts: OperandLayouts,
  room?: Room | ConvPlan,
): readonly NodeTask[] {
  const { op } = node;
  if (op.kind === "sample" || isSearch(op)) return [chosenTask(graph, node, op, layouts)];
  if (!has(op, "convolves")) return [makeNodeTask(graph, node, op, layouts)];
  const input = extentsOf(graph, node.inputs[0]);
  const output = extentsOf(graph, node.output);
  const conv = asConvolution(graph, node, op, input, output);
  if (op.kind === "conv2d" && op.behind !== undefined)
    return [bandTask(graph, node, op.behind, conv, layouts)];
  const residual = conv.residual === undefined ? undefined : layouts.inputs[conv.residual];
  return convTasks(conv, layouts, residual, room);
}

/** What looks for elements, or takes those that were found. */
function chosenTask(
  graph: Graph,
  node: KernelNode,
  op: Sample | SearchOp,
  layouts: OperandLayouts,
): NodeTask {
  const shapes = node.inputs.map((name) => shapeOf(graph, name));
  const shape = shapeOf(graph, node.output);
  if (op.kind === "sample") return sampleTask(op, shapes, shape, positionCount(layouts.output, shape[1]));
  return searchTask(op, shapes, shape, (i) => graph.tensors.get(node.inputs[i])?.data);
}

function makeNodeTask(
  graph: Graph,
  node: KernelNode,
  op: Exclude<KernelNode["op"], OpWith<"convolves"> | Sample | SearchOp>,
  layouts: OperandLayouts,
): NodeTask {
  const input = extentsOf(graph, node.inputs[0]);
  const images = imageDims(input, layouts);
  const ending = countedDims(endingDims(node), layouts.output);
  const constant = (i: number): Float32Array => constantOf(graph, node, i);
  const data = (i: number): Float32Array | undefined => graph.tensors.get(node.inputs[i])?.data;
  const shape = shapeOf(graph, node.output);
  switch (op.kind) {
    case "pool":
      return poolTask(op, input, anyExtents(shape), layouts.output);
    case "global-avg-pool":
      return globalPoolTask(input, images);
    case "clamp":
      return { ...opCall("clamp", { ...images, ...clampDims(op.clamp) }), params: mapParams("x") };
    case "activation":
      return activationTask(op, images, layouts.output);
    case "prelu":
      return preluTask(constant(1), images, channelPositions(layouts.output, input.c));
    case "add":
      return { ...opCall("add", { ...images, ...ending }), params: mapParams("a", "b"), counts: "written" };
    case "elementwise":
      return elementwiseTask(graph, node, op, layouts);
    case "where":
      return whereTask(graph, node, op, layouts);
    case "mul":
      return mulTask(op, images, extentsOf(graph, node.inputs[1]), ending);
    case "reduce":
      return reduceTask(op, shapeOf(graph, node.inputs[0]));
    case "instance-norm":
      return instanceNormTask(op, ending, { scale: constant(1), shift: constant(2) }, input, layouts.output);
    case "lrn":
      return lrnTask(op, input);
    case "layer-norm":
      return layerNormTask(op, { scale: constant(1), shift: constant(2) }, shape);
    case "matmul":
      return matmulTask(op, ending, data);
    case "recurrent":
      return recurrentTask(op, (i) => shapeOf(graph, node.inputs[i]), data);
    case "frame":
      return frameTask(op, shapeOf(graph, node.inputs[0]), shape, { mean: constant(1), scale: constant(2) });
    case "softmax":
      return softmaxTask(op, shape);
    case "constant":
      return constantTask(constant(0));
    case "gather":
    case "resample":
    case "pad":
      return alongTask(op, shapeOf(graph, node.inputs[0]), shape, layouts.output);
    default:
      return assertNever(op);
  }
}
