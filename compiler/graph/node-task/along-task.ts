import type { Sizes } from "../../language/kernel.ts";
import { opCall } from "../../ops/op-call.ts";
import { assertNever } from "../../support/assert.ts";
import { isAlongImages, mergedAround } from "../along-axes.ts";
import { anyExtents } from "../extents.ts";
import type { Gather, PadOp, Resample, ResampledAxis } from "../graph.ts";
import { type Layout, positionCount } from "../layout.ts";
import { type NodeTask, type ParamBinding, weightBinding } from "./node-task.ts";
import { images, indices, matrix, weight } from "./operands.ts";

type AlongOp = Gather | Resample | PadOp;
type Shape = readonly number[];

/** A node along H and W of images, or along one axis of rows of elements. */
export function alongTask(op: AlongOp, from: Shape, to: Shape, layout: Layout): NodeTask {
  if (isAlongImages(op, to)) return imageTask(op, from, to, positionCount(layout, to[1]));
  const [{ axis }] = op.axes;
  const [before, after] = [mergedAround(from, axis), mergedAround(to, axis)];
  switch (op.kind) {
    case "gather":
      return {
        ...opCall("take-axis", rowDims(before, after)),
        params: rowParams(before, after, [indices("at", op.axes[0].at)]),
      };
    case "resample": {
      const [{ taps, at, weights }] = op.axes;
      const params = [indices("at", at), weight("weights", weights)];
      return {
        ...opCall("resample-axis", { ...rowDims(before, after), T: taps, KT: at.length }),
        params: rowParams(before, after, params),
      };
    }
    case "pad":
      return padTask(
        op,
        [before[0], 1, before[1], before[2]],
        [after[0], 1, after[1], after[2]],
        [axis, -1],
        "matrix",
      );
    default:
      return assertNever(op);
  }
}

function imageTask(op: AlongOp, from: Shape, to: Shape, C: number): NodeTask {
  const { h: IH, w: IW } = anyExtents(from);
  const dims = { N: to[0], C, H: to[2], W: to[3], IH, IW };
  const around = (params: readonly ParamBinding[]): readonly ParamBinding[] => [
    images("x", 0),
    ...params,
    images("y", "output"),
  ];
  switch (op.kind) {
    case "gather": {
      const [rows, columns] = [2, 3].map((axis) => op.axes.find((along) => along.axis === axis)?.at);
      const table = (param: string, at: readonly number[] | undefined): ParamBinding =>
        at === undefined ? { kind: "unused", param } : indices(param, at);
      return {
        ...opCall("take", { ...dims, ROWS: rows ? 1 : 0, COLUMNS: columns ? 1 : 0 }),
        params: around([table("rows", rows), table("columns", columns)]),
      };
    }
    case "resample": {
      const [rows, columns] = [2, 3].map(
        (axis) => op.axes.find((along) => along.axis === axis) ?? untouched(axis, to[axis]),
      );
      const [RT, CT] = [rows.at.length, columns.at.length];
      return {
        ...opCall("resample", { ...dims, KH: rows.taps, KW: columns.taps, RT, CT }),
        params: around([
          ...[indices("rows", rows.at), weight("rw", rows.weights)],
          ...[indices("columns", columns.at), weight("cw", columns.weights)],
        ]),
      };
    }
    case "pad":
      return padTask(op, from.with(1, C), to.with(1, C), [2, 3], "images");
    default:
      return assertNever(op);
  }
}

/** An axis as it is. */
function untouched(axis: number, extent: number): ResampledAxis {
  const at = Array.from({ length: extent }, (_, i) => i);
  return { axis, taps: 1, at, weights: at.map(() => 1) };
}

type Rows = readonly [number, number, number];

function rowDims([M, I, L]: Rows, [, K]: Rows): Sizes<"M I K L"> {
  return { M, I, K, L };
}

function rowParams(from: Rows, to: Rows, params: readonly ParamBinding[]): readonly ParamBinding[] {
  return [matrix("x", 0, from), ...params, matrix("y", "output", to)];
}

/** `sides`: the axes that are rows and columns of [N, C, H, W] as the kernel sees it. */
function padTask(
  { axes, value }: PadOp,
  [N, C, IH, IW]: Shape,
  to: Shape,
  sides: readonly [number, number],
  form: "images" | "matrix",
): NodeTask {
  const [, , H, W] = to;
  const [rows, columns] = sides.map(
    (side) => axes.find(({ axis }) => axis === side) ?? { before: 0, after: 0 },
  );
  const more = (pad: number): number => Math.max(0, pad);
  const seen = (param: string, operand: number | "output", shape: Shape): ParamBinding =>
    form === "images" ? images(param, operand) : matrix(param, operand, shape);
  return {
    ...opCall("pad", {
      ...{ N, C, H, W, IH, IW },
      ...{ T: more(rows.before), B: more(rows.after), L: more(columns.before), R: more(columns.after) },
      ...{ Y0: more(-rows.before), X0: more(-columns.before), VALUE: value },
    }),
    params: [seen("x", 0, [N, C, IH, IW]), seen("y", "output", to)],
  };
}

/** Known numbers as a tensor that is written while the network runs. */
export function constantTask(data: Float32Array): NodeTask {
  const shape = [data.length];
  const params = [weightBinding("w", shape, () => data), matrix("y", "output", shape)];
  return { ...opCall("constant", { L: data.length }), params };
}
