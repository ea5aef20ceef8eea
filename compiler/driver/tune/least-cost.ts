import type { Target } from "../../machine/target.schema.ts";
import { executedProducts } from "../../ops/executed-products.ts";
import { operator } from "../../task/compile-task.ts";
import { peakMacs } from "../run/model-report.ts";
import type { AboutTask } from "./about-task.ts";
import type { Place } from "./tune-record.ts";

/**
 * What no kernel of a task can take less than: its multiply-adds at the peak of the cores that work on it, in cycles, or in
 * nanoseconds of a board at its highest clock. 0 where nobody knows that, or the task multiplies nothing.
 */
export function leastCost(
  { op, dims }: Pick<AboutTask, "op" | "dims">,
  target: Target,
  { kind, threads }: Pick<Place, "kind" | "threads">,
): number {
  const sizes = Object.entries(dims).map(([dim, n]) => [dim, Number(n)] as const);
  const cycles = executedProducts(operator(op), Object.fromEntries(sizes)) / peakMacs(target) / threads;
  if (kind === "modelled") return cycles;
  const { clockMHz } = target.board;
  return clockMHz === undefined ? 0 : (cycles / clockMHz) * 1000;
}
