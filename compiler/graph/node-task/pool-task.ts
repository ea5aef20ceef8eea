import { FLOAT_LARGEST } from "../../ir/dtype.ts";
import { opCall } from "../../ops/op-call.ts";
import { type Extents, NO_PADS, touchedPads } from "../extents.ts";
import type { Pool } from "../graph.ts";
import { type Layout, positionCount } from "../layout.ts";
import type { NodeTask, ParamBinding } from "./node-task.ts";
import { activation, type ImageDims } from "./operands.ts";

/** Below every finite f32 of interest, and finite itself: what the border of a maximum holds. */
export const LOWEST = -FLOAT_LARGEST;

export function poolTask(op: Pool, input: Extents, output: Extents, layout: Layout): NodeTask {
  const pads = touchedPads(op, input, output);
  const dims = {
    N: input.n,
    C: positionCount(layout, input.c),
    OH: output.h,
    OW: output.w,
    KH: op.kernel[0],
    KW: op.kernel[1],
    SH: op.strides[0],
    SW: op.strides[1],
    DH: op.dilations[0],
    DW: op.dilations[1],
    IH: input.h + pads[0] + pads[2],
    IW: input.w + pads[1] + pads[3],
  };
  const padValue = op.mode === "max" ? LOWEST : 0;
  const x: ParamBinding = {
    kind: "activation",
    param: "x",
    operand: 0,
    view: { form: "images", pads },
    padValue,
  };
  const y: ParamBinding = {
    kind: "activation",
    param: "y",
    operand: "output",
    view: { form: "images", pads: NO_PADS },
    padValue: 0,
  };
  if (op.mode === "max") return { ...opCall("max-pool", dims), params: [x, y] };
  const inv: ParamBinding = {
    kind: "weight",
    param: "inv",
    shape: [output.h, output.w],
    data: reciprocalCounts(op, input, output),
  };
  return { ...opCall("avg-pool", dims), params: [x, inv, y] };
}

/** One over the number of elements each window averages, [OH, OW]. */
function reciprocalCounts(op: Pool, input: Extents, output: Extents): Float32Array {
  const rows = counts(op, 0, input.h, output.h);
  const columns = counts(op, 1, input.w, output.w);
  return Float32Array.from(
    { length: output.h * output.w },
    (_, i) => 1 / (rows[Math.floor(i / output.w)] * columns[i % output.w]),
  );
}

/** Taps that count at each place along one axis; overhang beyond the pads never does. */
function counts(op: Pool, axis: 0 | 1, extent: number, outputs: number): number[] {
  const before = op.pads[axis];
  const { pads, uncounted = NO_PADS } = op;
  const [from, to] = op.countIncludePad
    ? [uncounted[axis] - before, extent + pads[axis + 2] - uncounted[axis + 2]]
    : [0, extent];
  return Array.from({ length: outputs }, (_, o) => {
    let count = 0;
    for (let k = 0; k < op.kernel[axis]; k++) {
      const at = o * op.strides[axis] - before + k * op.dilations[axis];
      if (at >= from && at < to) count++;
    }
    return count;
  });
}

/** The mean of each channel's map. */
export function globalPoolTask({ h, w }: Extents, dims: ImageDims): NodeTask {
  const x = activation("x", 0, { form: "images", pads: NO_PADS });
  const y = activation("y", "output", { form: "vector", pads: NO_PADS });
  return { ...opCall("global-avg-pool", { ...dims, H: h, W: w }), params: [x, y] };
}
