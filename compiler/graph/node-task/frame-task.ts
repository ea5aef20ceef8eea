import { opCall } from "../../ops/op-call.ts";
import type { Frame } from "../graph.ts";
import type { NodeTask } from "./node-task.ts";
import { images, indices, matrix, weight } from "./operands.ts";

/** Operators that read a picture as a camera gives it. */
export const FRAME_TASKS: ReadonlySet<string> = new Set(["frame", "frame-resize"]);

/** Of each dimension of [N, C, H, W] its place in memory, from the outermost on. */
const ORDERS: Readonly<Record<Frame["layout"], readonly number[]>> = {
  nchw: [0, 1, 2, 3],
  nhwc: [0, 2, 3, 1],
};

interface Constants {
  readonly mean: Float32Array;
  readonly scale: Float32Array;
}

/** `from`, `shape`: of the picture and of the result, which is [N, C, H, W]. */
export function frameTask(
  op: Frame,
  from: readonly number[],
  shape: readonly number[],
  constants: Constants,
): NodeTask {
  const { layout, reversed, resized } = op;
  if (resized !== undefined) return resizeTask({ ...op, resized }, from, shape, constants);
  const { mean, scale } = constants;
  const [N, C, H, W] = shape;
  return {
    ...opCall("frame", { N, C, H, W, FIRST: reversed ? C - 1 : 0, STEP: reversed ? -1 : 1 }),
    params: [
      matrix("x", 0, shape, ORDERS[layout]),
      weight("mean", mean),
      weight("scale", scale),
      images("y", "output"),
    ],
  };
}

function resizeTask(
  { layout, reversed, resized: { rows, columns } }: Frame & Required<Pick<Frame, "resized">>,
  from: readonly number[],
  [N, C, H, W]: readonly number[],
  { mean, scale }: Constants,
): NodeTask {
  const [IH, IW] = layout === "nhwc" ? from.slice(1, 3) : from.slice(2, 4);
  const [P, Q] = layout === "nhwc" ? [1, C] : [C, 1];
  const [RT, CT] = [rows.at.length, columns.at.length];
  const [PF, QF] = reversed ? [P - 1, Q - 1] : [0, 0];
  const step = reversed ? -1 : 1;
  return {
    ...opCall("frame-resize", {
      ...{ N, P, Q, C, H, W, IH, L: IW * Q, RT, CT, KH: rows.taps, KW: columns.taps },
      ...{ STARTS: (IW - 1) * Q + 1, PF, PS: step, QF, QS: step },
    }),
    params: [
      matrix("x", 0, [N, P, IH, IW * Q]),
      ...[indices("rows", rows.at), weight("rw", rows.weights)],
      ...[
        indices(
          "columns",
          columns.at.map((i) => i * Q),
        ),
        weight("cw", columns.weights),
      ],
      ...[weight("mean", mean), weight("scale", scale)],
      images("y", "output"),
    ],
  };
}
