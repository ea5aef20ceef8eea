import { elementCount, NO_PADS } from "../extents.ts";
import type { Softmax } from "../graph.ts";
import type { NodeTask, ParamBinding } from "./node-task.ts";

/** Elements of a row that are worked on side by side where nothing lies behind the axis (ops/softmax-rows.kernel.ts). */
const PLACES = 16;

export function softmaxTask({ axis, result }: Softmax, shape: readonly number[]): NodeTask {
  const [M, K, L] = [elementCount(shape.slice(0, axis)), shape[axis], elementCount(shape.slice(axis + 1))];
  const params = [seen("x", 0, [M, K, L]), seen("y", "output", [M, K, L])];
  if (result === "hard") return { op: "hardmax", dims: { M, K, L }, params };
  const log = result === "log" ? logarithmDims(K) : {};
  if (L > 1) return { op: "softmax", dims: { M, K, L, ...log }, params };
  return { op: "softmax-rows", dims: { M, K, B: Math.floor(K / PLACES), R: K % PLACES, ...log }, params };
}

/** From where, and in how many steps, the logarithm of a sum from 1 to `most` is found to the last place of f32. */
function logarithmDims(most: number): Readonly<Record<"STEPS" | "START", number>> {
  const START = Math.log(most) / 2;
  let STEPS = 1;
  for (let off = START; off > 1e-3; off -= 2 * Math.tanh(off / 2)) STEPS++;
  return { STEPS, START };
}

function seen(param: string, operand: number | "output", shape: readonly number[]): ParamBinding {
  const view = { form: "matrix", shape, pads: NO_PADS } as const;
  return { kind: "activation", param, operand, view, padValue: 0 };
}
