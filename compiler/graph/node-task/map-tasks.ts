import type { Extents } from "../extents.ts";
import type { ActivationOp, Add, ClampOp, Mul } from "../graph.ts";
import { clampDims, type NodeTask, residualPlace, storeDims } from "./node-task.ts";
import { channelWeight, images } from "./operands.ts";

type Dims = Readonly<Record<string, number>>;

/** Images of one shape, element by element. */
function mapTask(op: string, inputs: readonly string[], dims: Dims): NodeTask {
  return { op, dims, params: [...inputs.map(images), images("y", "output")] };
}

export function mulTask(op: Mul, dims: Dims, factor: Extents): NodeTask {
  const both = mapTask("mul", ["a", "b", "r"], dims);
  const [a, b, r, y] = both.params;
  return {
    ...both,
    dims: {
      ...dims,
      BH: factor.h,
      BW: factor.w,
      RES: residualPlace(op.residual),
      ...storeDims(op.activation, op.clamp),
    },
    params: [a, b, op.residual ? r : { kind: "unused", param: "r" }, y],
  };
}

/** `channels`: the one that lies at each position, -1 for none. */
export function preluTask(slopes: Float32Array, dims: Dims, channels: ArrayLike<number>): NodeTask {
  const { op, params } = mapTask("prelu", ["x"], dims);
  return { op, dims, params: [params[0], channelWeight("s", channels, slopes), params[1]] };
}

export function clampTask({ clamp }: ClampOp, dims: Dims): NodeTask {
  return mapTask("clamp", ["x"], { ...dims, ...clampDims(clamp) });
}

export function activationTask(op: ActivationOp, dims: Dims): NodeTask {
  return mapTask("activation", ["x"], { ...dims, ...storeDims(op.activation, op.clamp) });
}

export function addTask(op: Add, dims: Dims): NodeTask {
  return mapTask("add", ["a", "b"], { ...dims, ...storeDims(op.activation, op.clamp) });
}
