import { physicalSize } from "../ir/storage.ts";
import type { Isa } from "../machine/target.schema.ts";
import { executedProducts } from "../ops/executed-products.ts";
import { operator } from "../task/compile-task.ts";
import type { Task } from "../task/task.ts";
import type { Plan } from "./plan.ts";

/** Elements a copy moves in the time of a vector operation: most go one by one. */
const COPIED = 2;

/**
 * What a plan's kernels take at most, for comparing plans of one network: in multiply-adds of narrow vectors,
 * those with lanes or channels that hold nothing counted in.
 */
export function planCost({ steps }: Plan, { lanes, vectorTime = 1 }: Isa): number {
  return steps.reduce((sum, { task }) => sum + taskCost(task, lanes, vectorTime), 0);
}

function taskCost(task: Task, lanes: number, vectorTime: number): number {
  const { y } = task.storage;
  const elements = y === undefined ? 0 : physicalSize(y);
  const op = operator(task.op);
  if (op.oneByOne) return elements / COPIED;
  return ((executedProducts(op, task.dims) + elements) / lanes) * vectorTime;
}
