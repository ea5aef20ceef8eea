import { mergedAround } from "../along-axes.ts";
import type { Softmax } from "../graph.ts";
import type { NodeTask } from "./node-task.ts";
import { matrix } from "./operands.ts";

/** Elements of a row that are worked on side by side where nothing lies behind the axis (ops/softmax/softmax-rows.kernel.ts). */
const PLACES = 16;

export function softmaxTask({ axis, result }: Softmax, shape: readonly number[]): NodeTask {
  const [M, K, L] = mergedAround(shape, axis);
  const params = [matrix("x", 0, [M, K, L]), matrix("y", "output", [M, K, L])];
  if (result === "hard") return { op: "hardmax", dims: { M, K, L }, params };
  const log = result === "log" ? { LOG: 1 } : {};
  if (L > 1) return { op: "softmax", dims: { M, K, L, ...log }, params };
  return { op: "softmax-rows", dims: { M, K, B: Math.floor(K / PLACES), R: K % PLACES, ...log }, params };
}
