import type { Frame } from "../graph.ts";
import type { NodeTask } from "./node-task.ts";
import { images, matrix, weight } from "./operands.ts";

/** Of each dimension of [N, C, H, W] its place in memory, from the outermost on. */
const ORDERS: Readonly<Record<Frame["layout"], readonly number[]>> = {
  nchw: [0, 1, 2, 3],
  nhwc: [0, 2, 3, 1],
};

/** `shape`: [N, C, H, W] of the result. */
export function frameTask(
  { layout, reversed }: Frame,
  shape: readonly number[],
  { mean, scale }: { readonly mean: Float32Array; readonly scale: Float32Array },
): NodeTask {
  const [N, C, H, W] = shape;
  return {
    op: "frame",
    dims: { N, C, H, W, FIRST: reversed ? C - 1 : 0, STEP: reversed ? -1 : 1 },
    params: [
      matrix("x", 0, shape, ORDERS[layout]),
      weight("mean", mean),
      weight("scale", scale),
      images("y", "output"),
    ],
  };
}
