import type { AlgorithmLimits } from "../../ops/conv2d/algorithm.ts";
import type { Graph } from "../graph.ts";
import { naturalLayout } from "../layout.ts";
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

/** What a node may be made of. */
export function limitsOf(
  { kind, name }: PlanNode,
  { algorithms, decide }: AlgorithmOptions,
): AlgorithmWishes | undefined {
  if (kind !== "kernel" || decide === undefined || algorithms === undefined) return algorithms;
  return { ...algorithms, decide: (candidates) => decide(name, candidates) };
}

/** More than any tile hangs over. */
export const ENDLESS = { rows: 1 << 20, columns: 1 << 20 };

/** Whether a node would be computed by another algorithm than plain sums if all it reads and writes lay in blocks. */
export function wantsBlocks(
  graph: Graph,
  planNode: PlanNode,
  lanes: number,
  options: AlgorithmOptions,
): boolean {
  const limits = limitsOf(planNode, options);
  if (planNode.kind !== "kernel" || limits === undefined) return false;
  const { node } = planNode;
  const blocks = naturalLayout(lanes);
  const layouts = { inputs: node.inputs.map(() => blocks), output: blocks };
  const [{ algorithm = DIRECT }] = makeNodeTasks(graph, node, layouts, { ...ENDLESS, ...limits });
  return algorithm !== DIRECT && algorithm !== BANDS && algorithm !== GATED;
}
