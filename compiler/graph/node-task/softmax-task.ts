import type { Sizes } from "../../language/kernel.ts";
import { opCall } from "../../ops/op-call.ts";
import { mergedAround } from "../along-axes.ts";
import type { Softmax } from "../graph.ts";
import type { NodeTask } from "./node-task.ts";
import { matrix } from "./operands.ts";

/** Elements of a row that are worked on side by side where nothing lies behind the axis (ops/softmax/softmax-rows.kernel.ts). */
const PLACES = 16;

export function softmaxTask({ axis, result }: Softmax, shape: readonly number[]): NodeTask {
  const [M, K, L] = mergedAround(shape, axis);
  const params = [matrix("x", 0, [M, K, L]), matrix("y", "output", [M, K, L])];
  if (result === "hard") return { ...opCall("hardmax", { M, K, L }), params };
  const log: Sizes<"", "LOG"> = result === "log" ? { LOG: 1 } : {};
  if (L > 1) return { ...opCall("softmax", { M, K, L, ...log }), params };
  return { ...opCall("softmax-rows", { M, K, B: Math.floor(K / PLACES), R: K % PLACES, ...log }), params };
}
