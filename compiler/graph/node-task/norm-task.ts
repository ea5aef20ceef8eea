import { type Extents, elementCount, NO_PADS } from "../extents.ts";
import type { InstanceNorm, LayerNorm } from "../graph.ts";
import { channelPositions, type Layout } from "../layout.ts";
import type { View } from "../view.ts";
import { type NodeTask, type ParamBinding, storeDims, weightBinding } from "./node-task.ts";
import { activation } from "./operands.ts";
import { rowParts } from "./reduce-task.ts";

/** What is normalised is multiplied by, and what is added then. */
interface Affine {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/** Maps of images; positions that hold no channel become 0. */
export function instanceNormTask(
  op: InstanceNorm,
  { scale, shift }: Affine,
  { n, c, h, w }: Extents,
  layout: Layout,
): NodeTask {
  if (layout.kind === "planar") {
    return normTask(
      [n * c, h * w],
      { scale, shift },
      { EPS: op.epsilon, ROWS: c, ...storeDims(op.activation, op.clamp) },
    );
  }
  const channels = channelPositions(layout, c);
  const arranged = (param: string, values: Float32Array): ParamBinding =>
    weightBinding(param, [channels.length], () =>
      Float32Array.from(channels, (channel) => (channel < 0 ? 0 : values[channel])),
    );
  const view: View = { form: "images", pads: NO_PADS };
  return {
    op: "instance-norm",
    dims: {
      ...{ N: n, C: channels.length, H: h, W: w, EPS: op.epsilon },
      ...storeDims(op.activation, op.clamp),
    },
    params: [
      activation("x", 0, view),
      arranged("s", scale),
      arranged("t", shift),
      activation("y", "output", view),
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
  dims: Readonly<Record<string, number>>,
): NodeTask {
  const S = scale.length;
  const weight = (param: string, data: Float32Array): ParamBinding => weightBinding(param, [S], () => data);
  const view: View = { form: "matrix", shape: [M, K], pads: NO_PADS };
  return {
    op: "layer-norm",
    dims: { M, K, S, ...rowParts(K), ...dims },
    params: [
      activation("x", 0, view),
      weight("s", scale),
      weight("t", shift),
      activation("y", "output", view),
    ],
  };
}
