import { anyExtents, elementCount } from "../graph/extents.ts";
import type { Graph, GraphNode, Pads } from "../graph/graph.ts";
import { makeNodeTasks } from "../graph/node-task/make-node-task.ts";
import { isKernelNode, type KernelNode, type NodeTask } from "../graph/node-task/node-task.ts";
import type { TypedArray } from "../ir/dtype.ts";
import type { ConvPlan } from "../ops/conv2d/algorithm.ts";
import { defined } from "../support/assert.ts";
import type { ErrorProgram, Given } from "./error-program.ts";
import { keptErrorProgram } from "./kept-error-program.ts";
import { padImage } from "./pad.ts";
import { moveNode, planarLayouts, type Read, storedOutput, viewedInput } from "./reference.ts";
import { LEAST } from "./rounding.ts";

/** Bounds of a tensor's errors, row-major; undefined: it has none. */
export type Errors = (tensor: string) => Float32Array | undefined;

/**
 * How far a float32 computation of a node may be from it, element by element, given its operands and how far those may be
 * off (rounding.ts).
 * @param plan of a convolution that is computed otherwise than by plain sums
 */
export function nodeErrors(
  graph: Graph,
  node: GraphNode,
  read: Read,
  errors: Errors,
  plan?: ConvPlan,
): Float32Array | undefined {
  const size = (tensor: string): number =>
    elementCount(defined(graph.tensors.get(tensor), `tensor ${tensor}`).shape);
  const known: Read = (tensor) => errors(tensor) ?? new Float32Array(size(tensor));
  if (!isKernelNode(node)) {
    const exact = node.inputs.every((tensor) => errors(tensor) === undefined);
    return exact ? undefined : moveNode(graph, node, known);
  }
  const found = new Float32Array(size(node.output));
  for (const task of makeNodeTasks(graph, node, planarLayouts(node), plan)) {
    const given = operands(graph, node, task, read, errors, known);
    const [result] = [...programOf(task, given)(given).values()];
    copyInside(
      storedOutput(task.params, result),
      outputPads(task),
      found,
      anyExtents(graph.tensors.get(node.output)?.shape ?? []),
    );
  }
  return found;
}

function operands(
  graph: Graph,
  node: KernelNode,
  { params }: NodeTask,
  read: Read,
  errors: Errors,
  known: Read,
): ReadonlyMap<string, Given> {
  return new Map(
    params.flatMap((binding): [string, Given][] => {
      if (binding.kind === "unused") return [];
      if (binding.kind === "weight") return [[binding.param, withSmall(binding.data, undefined)]];
      if (binding.operand === "output") return [];
      const { data } = viewedInput(graph, node, binding, read);
      const inexact = errors(node.inputs[binding.operand]) !== undefined;
      const off = inexact && viewedInput(graph, node, { ...binding, padValue: 0 }, known).data;
      return [[binding.param, withSmall(data, off || undefined)]];
    }),
  );
}

/** A value that a board may take for zero is off by all of it. */
export function withSmall(data: TypedArray, errors: Float32Array | undefined): Given {
  const small = (v: number): boolean => v !== 0 && Math.abs(v) < LEAST;
  if (!(data instanceof Float32Array) || !data.some(small)) return { data, errors };
  return { data, errors: data.map((v, i) => (errors?.[i] ?? 0) + (small(v) ? Math.abs(v) : 0)) };
}

function programOf({ op, dims }: NodeTask, given: ReadonlyMap<string, Given>): ErrorProgram {
  const inexact = [...given].flatMap(([param, { errors }]) => (errors === undefined ? [] : [param]));
  return keptErrorProgram(op, dims, inexact);
}

function outputPads({ params }: NodeTask): Pads {
  const output = params.find((p) => p.kind === "activation" && p.operand === "output");
  return output?.kind === "activation" ? output.view.pads : [0, 0, 0, 0];
}

/** Writes what lies inside of `pads` of a kernel's result, which may be some rows of the whole, to its place there. */
function copyInside(
  result: Float32Array,
  pads: Pads,
  into: Float32Array,
  { n, c, h, w }: ReturnType<typeof anyExtents>,
): void {
  const [top, left, bottom, right] = pads;
  if (pads.every((p) => p === 0)) {
    into.set(result);
    return;
  }
  const [rows, columns] = [h + top + bottom, w + left + right];
  const inside = padImage(
    result,
    [n, c, rows, columns],
    [-Math.max(0, top), -left, -Math.max(0, bottom), -right],
    0,
  );
  const from = Math.max(0, -top);
  const size = (h - from - Math.max(0, -bottom)) * w;
  for (let i = 0; i < n * c; i++) into.set(inside.subarray(i * size, (i + 1) * size), i * h * w + from * w);
}
