import type { Sizes } from "../../language/kernel.ts";
import { actOf } from "../../ops/activation/activations.ts";
import { opCall } from "../../ops/op-call.ts";
import { reductionOf } from "../../ops/reduce/reductions.ts";
import type { Reduce } from "../graph.ts";
import { keptAndReduced } from "../merged-axes.ts";
import type { NodeTask, ParamBinding } from "./node-task.ts";
import { matrix } from "./operands.ts";

/** Parts of a row that are joined side by side: whole vectors of any instruction set. */
export const ROW_PARTS = 16;

/** A reduction of a row-major tensor, seen as kept, reduced, kept, reduced and kept axes. */
export function reduceTask(op: Reduce, shape: readonly number[]): NodeTask {
  const { join, each = 0, mean, ends } = reductionOf(op.fn);
  const [A, B, C, D, E] = keptAndReduced(shape, op.axes);
  const dims = {
    ...{ A, B, C, D, FN: join, PRE: each },
    SCALE: mean ? 1 / (B * D) : 1,
    ACT: ends === undefined ? 0 : actOf(ends),
  };
  const params = (x: readonly number[], y: readonly number[]): readonly ParamBinding[] => [
    matrix("x", 0, x),
    matrix("y", "output", y),
  ];
  if (E > 1) {
    return { ...opCall("reduce-columns", { ...dims, E }), params: params([A, B, C, D, E], [A, C, E]) };
  }
  return { ...opCall("reduce-rows", { ...dims, ...rowParts(D) }), params: params([A, B, C, D], [A, C]) };
}

/** How a row of so many elements is parted: L parts of DL elements, and DR that are left. */
export function rowParts(length: number): Sizes<"L DL DR"> {
  const DL = Math.floor(length / ROW_PARTS);
  return { L: DL === 0 ? 1 : ROW_PARTS, DL, DR: length - DL * ROW_PARTS };
}
