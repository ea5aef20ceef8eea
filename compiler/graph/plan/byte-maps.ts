import { isSameQuantization, type Quantization } from "../../ir/quantization.ts";
import { imageExtents, shapeOf } from "../extents.ts";
import type { Graph, NodeKind } from "../graph.ts";
import { gridsOf, quantizationOf } from "../grids.ts";
import { type Format, inNumbers, naturalLayout } from "../layout.ts";
import { makeNodeTasks } from "../node-task/make-node-task.ts";
import type { NodeTask } from "../node-task/node-task.ts";
import { has } from "../node-traits.ts";
import { type AlgorithmOptions, ENDLESS, limitsOf } from "./algorithm-options.ts";
import { layoutRules } from "./layout-rules.ts";
import type { MoveNode, PlanNode } from "./plan-node.ts";

type Bytes = ReadonlyMap<string, Quantization>;

interface Context {
  readonly graph: Graph;
  readonly single: Format;
  readonly options: AlgorithmOptions;
  /** How nodes would be computed, by whether they read numbers: asked once of each. */
  readonly known: { readonly [Reads in "numbers" | "floats"]: Map<PlanNode, Tasks> };
}
type Tasks = readonly Pick<NodeTask, "counts">[];

/**
 * Images that lie as i8, a quarter of the memory: what is rounded to steps of 8 bits, where all who read it multiply such, maybe behind what
 * only moves channels. What is written and read is the very same as in floats.
 */
export function byteMaps(
  graph: Graph,
  nodes: readonly PlanNode[],
  single: Format,
  options: AlgorithmOptions,
): Bytes {
  if (options.algorithms?.int8 === undefined) return new Map();
  const known = { numbers: new Map(), floats: new Map() };
  const context = { graph, single, options, known };
  const bytes = candidates(context, nodes);
  const readers = new Map<string, PlanNode[]>();
  for (const node of nodes)
    for (const tensor of node.inputs) readers.set(tensor, [...(readers.get(tensor) ?? []), node]);
  const stays = (node: PlanNode): boolean =>
    canWrite(context, node, bytes) &&
    (readers.get(node.output) ?? []).every((reader) => canRead(context, reader, node.output, bytes));
  const producers = nodes.filter(({ output }) => bytes.has(output));
  // what is no longer written so is not read so, and what is no longer read so need not be written
  for (let before = Number.POSITIVE_INFINITY; bytes.size < before; ) {
    before = bytes.size;
    for (const node of producers) if (!stays(node)) bytes.delete(node.output);
  }
  return bytes;
}

/** Images of whole vectors that hold multiples of a step, and are no caller's. */
function candidates({ graph, single }: Context, nodes: readonly PlanNode[]): Map<string, Quantization> {
  const grids = gridsOf(graph);
  return new Map(
    nodes.flatMap(({ output }) => {
      const grid = grids.get(output);
      const quantization = grid && quantizationOf(grid);
      const channels = imageExtents(shapeOf(graph, output))?.c ?? 0;
      const fits = channels >= single.lanes && !graph.outputs.includes(output);
      return quantization !== undefined && fits ? [[output, quantization] as const] : [];
    }),
  );
}

const MOVES: readonly MoveNode["kind"][] = ["rename", "shuffle", "join", "take"];

function canWrite(context: Context, node: PlanNode, bytes: Bytes): boolean {
  if (node.kind !== "kernel")
    return MOVES.includes(node.kind) && node.inputs.every((tensor) => isSame(bytes, tensor, node.output));
  return tasksOf(context, node, bytes).every(({ counts }) => counts !== undefined);
}

function canRead(context: Context, node: PlanNode, tensor: string, bytes: Bytes): boolean {
  if (node.kind !== "kernel") return isSame(bytes, tensor, node.output);
  const { inputs } = node;
  const once = inputs.indexOf(tensor) === 0 && inputs.lastIndexOf(tensor) === 0;
  return once && tasksOf(context, node, bytes).every(({ counts }) => counts === "all");
}

function isSame(bytes: Bytes, a: string, b: string): boolean {
  const [from, to] = [bytes.get(a), bytes.get(b)];
  return from !== undefined && isSameQuantization(from, to);
}

/** Beside convolutions: functions of elements that end with what rounds. */
const COUNTING: readonly NodeKind[] = ["activation", "add", "mul"];

type KernelNode = PlanNode & { readonly kind: "kernel" };

/** How a node would be computed that reads such numbers, or floats. */
function tasksOf(context: Context, node: KernelNode, bytes: Bytes): Tasks {
  const quantized = bytes.get(node.inputs[0]);
  const known = context.known[quantized === undefined ? "floats" : "numbers"];
  const tasks = known.get(node) ?? askedTasks(context, node, quantized);
  known.set(node, tasks);
  return tasks;
}

/** Nothing of those that count none. */
function askedTasks(
  { graph, single, options }: Context,
  node: KernelNode,
  quantized: Quantization | undefined,
): Tasks {
  const { op } = node.node;
  if (!COUNTING.includes(op.kind) && !has(op, "convolves")) return [{}];
  const rules = layoutRules(graph, node, single);
  const blocks = naturalLayout(single);
  const [x, ...others] = rules.inputs.map(({ rule }) => (rule.kind === "fixed" ? rule.layout : blocks));
  const y = rules.output.rule.kind === "fixed" ? rules.output.rule.layout : blocks;
  const layouts = { inputs: [inNumbers(x, { ...(quantized && { quantized }) }), ...others], output: y };
  const limits = limitsOf(node, options, single);
  return makeNodeTasks(graph, node.node, layouts, limits && { ...ENDLESS, ...limits, asks: true });
}
