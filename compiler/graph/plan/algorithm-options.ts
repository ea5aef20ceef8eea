import type { AlgorithmLimits, Int8Times } from "../../ops/conv2d/algorithm.ts";
import type { Graph } from "../graph.ts";
import { type Format, naturalLayout } from "../layout.ts";
import {
  type AlgorithmWishes,
  BANDS,
  type DecideAlgorithm,
  DIRECT,
  GATED,
} from "../node-task/conv-algorithms.ts";
import { makeNodeTasks } from "../node-task/make-node-task.ts";
import type { PlanNode } from "./plan-node.ts";

/** What is said of the algorithms of a network's convolutions. */
export interface AlgorithmOptions {
  /** Set when convolutions may be computed by other algorithms than plain sums. */
  readonly algorithms: AlgorithmLimits | undefined;
  /** Asked for each convolution that has a choice. */
  readonly decide: DecideAlgorithm | undefined;
}

/** What algorithms may be made of whose numbers are `floats`: a multiply-add of f16 is two of f32, products of i8 are what they are. */
export function limitsIn(floats: Format["floats"], algorithms: AlgorithmLimits): AlgorithmLimits {
  if (floats !== "f16") return algorithms;
  const { int8 } = algorithms;
  const twice = (dots: Int8Times["dots"]) => dots.map((dot) => ({ ...dot, products: 2 * dot.products }));
  return { ...algorithms, floats, int8: int8 && { ...int8, dots: twice(int8.dots) } };
}

/** What a node may be made of whose output is of a format. */
export function limitsOf(
  { kind, name }: PlanNode,
  { algorithms, decide }: AlgorithmOptions,
  { floats }: Format,
): AlgorithmWishes | undefined {
  if (algorithms === undefined) return undefined;
  const limits = limitsIn(floats, algorithms);
  if (kind !== "kernel" || decide === undefined) return limits;
  return { ...limits, decide: (candidates) => decide(name, candidates) };
}

/** More than any tile hangs over. */
export const ENDLESS = { rows: 1 << 20, columns: 1 << 20 };

/** Whether a node would be computed by another algorithm than plain sums if all it reads and writes lay in blocks. */
export function wantsBlocks(
  graph: Graph,
  planNode: PlanNode,
  format: Format,
  options: AlgorithmOptions,
): boolean {
  const limits = limitsOf(planNode, options, format);
  if (planNode.kind !== "kernel" || limits === undefined) return false;
  const { node } = planNode;
  const blocks = naturalLayout(format);
  const layouts = { inputs: node.inputs.map(() => blocks), output: blocks };
  const [{ algorithm = DIRECT }] = makeNodeTasks(graph, node, layouts, { ...ENDLESS, ...limits });
  return algorithm !== DIRECT && algorithm !== BANDS && algorithm !== GATED;
}
