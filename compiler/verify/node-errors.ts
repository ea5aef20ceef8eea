import { anyExtents, elementCount } from "../graph/extents.ts";
import type { Graph, GraphNode, Pads } from "../graph/graph.ts";
import { makeNodeTasks } from "../graph/node-task/make-node-task.ts";
import { isKernelNode, type KernelNode, type NodeTask } from "../graph/node-task/node-task.ts";
import type { TypedArray } from "../ir/dtype.ts";
import type { ConvPlan } from "../ops/conv2d/algorithm.ts";
import { defined } from "../support/assert.ts";
import { operator } from "../task/compile-task.ts";
import type { ErrorProgram, Given } from "./error-program.ts";
import { keptErrorProgram } from "./kept-error-program.ts";
import { padImage } from "./pad.ts";
import { moveNode, planarLayouts, type Read, storedOutput, viewedInput } from "./reference.ts";
import { HALF, LARGEST, LEAST, roundedToHalf, within } from "./rounding.ts";

/** How a node was computed on a board, beside plain sums of f32. */
export interface Computed {
  /** Of a convolution that is computed otherwise than by plain sums. */
  readonly plan?: ConvPlan | undefined;
  /** Its numbers are f16. */
  readonly floats?: "f16" | undefined;
  /** But they are what it reads exactly, and what it computes is rounded to f16 at the end. */
  readonly ofSteps?: boolean | undefined;
}

/** Bounds of a tensor's errors, row-major; undefined: it has none. */
export type Errors = (tensor: string) => Float32Array | undefined;

/**
 * How far a computation of a node in floats may be from what is wanted of it, element by element, given its operands and how far
 * those may be off (rounding.ts).
 */
export function nodeErrors(
  graph: Graph,
  node: GraphNode,
  read: Read,
  errors: Errors,
  wanted: Float32Array,
  { plan, floats, ofSteps = false }: Computed = {},
): Float32Array | undefined {
  const size = (tensor: string): number =>
    elementCount(defined(graph.tensors.get(tensor), `tensor ${tensor}`).shape);
  const known: Read = (tensor) => errors(tensor) ?? new Float32Array(size(tensor));
  if (!isKernelNode(node)) {
    const exact = node.inputs.every((tensor) => errors(tensor) === undefined);
    const moved = exact ? undefined : moveNode(graph, node, known);
    return floats === undefined ? moved : withHalfRounding(wanted, moved);
  }
  const found = new Float32Array(size(node.output));
  let inHalves = !ofSteps;
  for (const task of makeNodeTasks(graph, node, planarLayouts(node), plan)) {
    const exactly = operands(graph, node, task, read, errors, known);
    const given = floats === undefined || ofSteps ? exactly : roundedOperands(exactly);
    if (operator(task.op).halves === undefined) inHalves = false;
    const [result] = [...programOf(task, given, inHalves ? floats : undefined)(given).values()];
    copyInside(
      storedOutput(task.params, result),
      outputPads(task),
      found,
      anyExtents(graph.tensors.get(node.output)?.shape ?? []),
    );
  }
  if (floats === undefined) return found;
  // what no kernel computes in f16 may be made of f16, and become f16
  return inHalves ? found.map((e, i) => within(wanted[i], e, HALF.largest)) : withHalfRounding(wanted, found);
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

/** Operands as f16: each number is rounded before anything is computed with it. */
function roundedOperands(given: ReadonlyMap<string, Given>): ReadonlyMap<string, Given> {
  return new Map(
    [...given].map(([param, { data, errors }]): [string, Given] => {
      if (!(data instanceof Float32Array)) return [param, { data, errors }];
      return [param, { data: data.map(unlessPadding), errors: withHalfRounding(data, errors) }];
    }),
  );
}

/** The padding of a maximum is infinite as f16; no number of a network is that large. */
function unlessPadding(v: number): number {
  return Math.abs(v) < LARGEST / 2 ? v : v * Number.POSITIVE_INFINITY;
}

function withHalfRounding(data: Float32Array, errors: Float32Array | undefined): Float32Array {
  return data.map((v, i) => {
    const e = errors?.[i] ?? 0;
    return Number.isFinite(unlessPadding(v))
      ? within(v, e, HALF.largest) + roundedToHalf(Math.abs(v) + e)
      : e;
  });
}

function programOf(
  { op, dims }: NodeTask,
  given: ReadonlyMap<string, Given>,
  floats: "f16" | undefined,
): ErrorProgram {
  const inexact = [...given].flatMap(([param, { errors }]) => (errors === undefined ? [] : [param]));
  return keptErrorProgram(op, dims, inexact, floats);
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
