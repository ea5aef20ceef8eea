import type { Extents } from "../extents.ts";
import type { Mul } from "../graph.ts";
import type { NodeTask } from "./node-task.ts";
import { channelWeight, images } from "./operands.ts";

type Dims = Readonly<Record<string, number>>;

/** Images of one shape, element by element. */
export function mapTask(op: string, inputs: readonly string[], dims: Dims): NodeTask {
  return { op, dims, params: [...inputs.map(images), images("y", "output")] };
}

/** `ending`: epilogue-dims.ts. */
export function mulTask(op: Mul, dims: Dims, factor: Extents, ending: Dims): NodeTask {
  const both = mapTask("mul", ["a", "b", "r"], dims);
  const [a, b, r, y] = both.params;
  return {
    ...both,
    dims: { ...dims, BH: factor.h, BW: factor.w, ...ending },
    params: [a, b, op.residual ? r : { kind: "unused", param: "r" }, y],
  };
}

/** `channels`: the one that lies at each position, -1 for none. */
export function preluTask(slopes: Float32Array, dims: Dims, channels: ArrayLike<number>): NodeTask {
  const { op, params } = mapTask("prelu", ["x"], dims);
  return { op, dims, params: [params[0], channelWeight("s", channels, slopes), params[1]] };
}
