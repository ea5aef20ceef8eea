import { opCall } from "../../ops/op-call.ts";
import type { Extents } from "../extents.ts";
import type { ActivationOp, Mul } from "../graph.ts";
import type { Layout } from "../layout.ts";
import { activationDims, clampDims, countedDims, type EndingDims } from "./epilogue-dims.ts";
import type { NodeTask, ParamBinding } from "./node-task.ts";
import { channelWeight, type ImageDims, images } from "./operands.ts";

/** Images of one shape, element by element. */
export function mapParams(...inputs: readonly string[]): readonly ParamBinding[] {
  return [...inputs.map(images), images("y", "output")];
}

/** A function of each element, which may round it to numbers of steps. */
export function activationTask(
  { activation, clamp }: ActivationOp,
  dims: ImageDims,
  written: Layout,
): NodeTask {
  const does = countedDims({ ...clampDims(clamp), ...activationDims(activation) }, written);
  return { ...opCall("activation", { ...dims, ...does }), params: mapParams("x"), counts: "written" };
}

export function mulTask(op: Mul, dims: ImageDims, factor: Extents, ending: EndingDims): NodeTask {
  const [a, b, r, y] = mapParams("a", "b", "r");
  return {
    ...opCall("mul", { ...dims, BH: factor.h, BW: factor.w, ...ending }),
    params: [a, b, op.residual ? r : { kind: "unused", param: "r" }, y],
    counts: "written",
  };
}

/** `channels`: the one that lies at each position, -1 for none. */
export function preluTask(slopes: Float32Array, dims: ImageDims, channels: ArrayLike<number>): NodeTask {
  const params = [images("x", 0), channelWeight("s", channels, slopes), images("y", "output")];
  return { ...opCall("prelu", dims), params };
}
