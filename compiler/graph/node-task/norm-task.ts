import type { Sizes } from "../../language/kernel.ts";
import { opCall } from "../../ops/op-call.ts";
import { type Extents, elementCount } from "../extents.ts";
import type { InstanceNorm, LayerNorm, Lrn } from "../graph.ts";
import { channelPositions, type Layout } from "../layout.ts";
import type { EndingDims } from "./epilogue-dims.ts";
import { type NodeTask, type ParamBinding, weightBinding } from "./node-task.ts";
import { channelWeight, images, matrix } from "./operands.ts";
import { rowParts } from "./reduce-task.ts";

/** What is normalised is multiplied by, and what is added then. */
interface Affine {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** Maps of images; `ending`: epilogue-dims.ts; positions that hold no channel become 0. */
export function instanceNormTask(
  op: InstanceNorm,
  ending: EndingDims,
  { scale, shift }: Affine,
  { n, c, h, w }: Extents,
  layout: Layout,
): NodeTask {
  if (layout.kind === "planar") {
    return normTask([n * c, h * w], { scale, shift }, { EPS: op.epsilon, ROWS: c, ...ending });
  }
  const channels = channelPositions(layout, c);
  return {
    ...opCall("instance-norm", { N: n, C: channels.length, H: h, W: w, EPS: op.epsilon, ...ending }),
    params: [
      images("x", 0),
      channelWeight("s", channels, scale),
      channelWeight("t", channels, shift),
      images("y", "output"),
    ],
  };
}

/** Rows: all elements from an axis on. */
export function layerNormTask(op: LayerNorm, affine: Affine, shape: readonly number[]): NodeTask {
  const rows = [elementCount(shape.slice(0, op.axis)), elementCount(shape.slice(op.axis))] as const;
  return normTask(rows, affine, { EPS: op.epsilon });
}

function normTask(
  [M, K]: readonly [number, number],
  { scale, shift }: Affine,
  dims: Sizes<"EPS", "ROWS"> & Partial<EndingDims>,
): NodeTask {
  const S = scale.length;
  const weight = (param: string, data: Float32Array): ParamBinding => weightBinding(param, [S], () => data);
  return {
    ...opCall("layer-norm", { M, K, S, ...rowParts(K), ...dims }),
    params: [matrix("x", 0, [M, K]), weight("s", scale), weight("t", shift), matrix("y", "output", [M, K])],
  };
}

/** Channels in their order, none between them. */
export function lrnTask({ size, alpha, beta, bias }: Lrn, { n, c, h, w }: Extents): NodeTask {
  const before = Math.floor((size - 1) / 2);
  return {
    ...opCall("lrn", {
      ...{ N: n, C: c, H: h, W: w, D: c + size - 1, SIZE: size, BEFORE: before, AFTER: size - 1 - before },
      ...{ BIAS: bias, SCALE: alpha / size, EXPONENT: -beta },
    }),
    params: [images("x", 0), images("y", "output")],
  };
}
