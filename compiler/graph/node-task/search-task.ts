import { opCall } from "../../ops/op-call.ts";
import { SCATTERS } from "../../ops/select/scatter.ts";
import { assertNever } from "../../support/assert.ts";
import { mergedAround } from "../along-axes.ts";
import { elementCount } from "../extents.ts";
import type { GatherAt, GridTaps, RoiTaps, Sample } from "../graph.ts";
import type { Check, Det, NonMax, Places, SearchOp, UsedRows } from "../search-ops.ts";
import { type NodeTask, weightBinding } from "./node-task.ts";
import { images, matrix } from "./operands.ts";

type Shape = readonly number[];

/** Row-major tensors with the axes before and behind that of the node merged. `data`: the contents of a constant operand. */
export function searchTask(
  op: SearchOp,
  shapes: readonly Shape[],
  to: Shape,
  data: (operand: number) => Float32Array | undefined,
): NodeTask {
  switch (op.kind) {
    case "grid-taps":
      return gridTask(op, shapes[0], to);
    case "roi-taps":
      return roiTask(op, to);
    case "non-max":
      return nonMaxTask(op, shapes[1], to);
    case "places": {
      const [, T] = to;
      const rank = weightBinding("rank", [T], () => Float32Array.from({ length: T }, (_, t) => t + 1));
      const params = [matrix("counts", 0, shapes[0]), rank, matrix("y", "output", to)];
      return { ...opCall(op.kind, { K: shapes[0][0], L: T }), params };
    }
    case "det": {
      const N = shapes[0].at(-1) ?? 1;
      const M = elementCount(to);
      return {
        ...opCall(op.kind, { M, N }),
        params: [matrix("x", 0, [M, N, N]), matrix("y", "output", [M])],
      };
    }
    case "check":
    case "used-rows":
      return rowsTask(op, shapes[0]);
    default:
      return alongTask(op, shapes, to, data);
  }
}

type AlongOp = Exclude<SearchOp, GridTaps | RoiTaps | NonMax | Places | Check | UsedRows | Det>;

function alongTask(
  op: AlongOp,
  shapes: readonly Shape[],
  to: Shape,
  data: (operand: number) => Float32Array | undefined,
): NodeTask {
  const [M, I, L] = mergedAround(shapes[0], op.axis);
  const x = matrix("x", 0, [M, I, L]);
  switch (op.kind) {
    case "arg-extreme": {
      const dims = { M, K: I, L, LEAST: flag(op.least), LAST: flag(op.last) };
      return { ...opCall(op.kind, dims), params: [x, matrix("y", "output", [M, L])] };
    }
    case "cum-sum": {
      const dims = { M, K: I, L, EXCLUSIVE: flag(op.exclusive), REVERSE: flag(op.reverse) };
      return { ...opCall(op.kind, dims), params: [x, matrix("y", "output", [M, I, L])] };
    }
    case "top-k": {
      const T = to[op.axis + 1];
      const dims = { M, K: I, L, T, LEAST: flag(op.least) };
      return { ...opCall(op.kind, dims), params: [x, matrix("y", "output", [2, M, T, L])] };
    }
    case "gather-at":
      return gatherTask(op, [M, I, L], elementCount(shapes[1]), data(0));
    case "scatter-at": {
      const [, K] = mergedAround(shapes[2], op.axis);
      const at = op.each ? [M, K, L] : [1, K, 1];
      const steps = { A0: flag(op.each), A2: flag(op.each), AM: at[0], AL: at[2] };
      const params = [x, matrix("at", 1, at), matrix("u", 2, [M, K, L]), matrix("y", "output", [M, I, L])];
      return { ...opCall(op.kind, { M, I, K, L, ...steps, FN: SCATTERS[op.fn].fn }), params };
    }
    default:
      return assertNever(op);
  }
}

const flag = (set: boolean): number => (set ? 1 : 0);

/** What is done with the rows of an axis that are used. */
function rowsTask(op: Check | UsedRows, shape: Shape): NodeTask {
  const { axis } = op;
  const dims = axis === undefined ? [1, elementCount(shape), 1] : mergedAround(shape, axis);
  const [M, K, L] = dims;
  const used = axis === undefined ? ({ kind: "unused", param: "used" } as const) : matrix("used", 1, [K]);
  const x = matrix("x", 0, dims);
  if (op.kind === "check")
    return {
      ...opCall(op.kind, { M, K, L, ROWS: flag(axis !== undefined) }),
      params: [x, used, matrix("y", "output", [1])],
    };
  return {
    ...opCall(op.kind, { M, K, L, NONE: flag(op.none) }),
    params: [x, used, matrix("y", "output", dims)],
  };
}

function nonMaxTask({ overlap, least, center }: NonMax, [N, C, S]: Shape, to: Shape): NodeTask {
  const limits = {
    OVERLAP: overlap,
    LEAST: flag(least !== undefined),
    SCORE: least ?? 0,
    CENTER: flag(center),
  };
  const params = [matrix("boxes", 0, [N, S, 4]), matrix("scores", 1, [N, C, S]), matrix("y", "output", to)];
  return { ...opCall("non-max", { N, C, S, M: to[2], ...limits }), params };
}

function gatherTask(
  { each }: GatherAt,
  [M, I, L]: Shape,
  P: number,
  table: Float32Array | undefined,
): NodeTask {
  const K = each ? P / (M * L) : P;
  const x =
    table === undefined
      ? ([matrix("x", 0, [M, I, L]), { kind: "unused", param: "w" }] as const)
      : ([{ kind: "unused", param: "x" }, weightBinding("w", [M, I, L], () => table)] as const);
  return {
    ...opCall("gather-at", { M, I, K, L, P, EACH: each ? 1 : 0, CONSTANT: table === undefined ? 0 : 1 }),
    params: [...x, matrix("at", 1, [P]), matrix("y", "output", [M, K, L])],
  };
}

const MODES = { nearest: 0, linear: 1, cubic: 2 } as const;
const PADDINGS = { zeros: 0, border: 1, reflection: 2 } as const;

function gridTask({ mode, padding, alignCorners, size: [H, W] }: GridTaps, [N]: Shape, to: Shape): NodeTask {
  const [, , T, P] = to;
  const how = { MODE: MODES[mode], PAD: PADDINGS[padding], ALIGN: alignCorners ? 1 : 0 };
  const params = [matrix("grid", 0, [N, P, 2]), matrix("y", "output", to)];
  return { ...opCall("grid-taps", { N, P, T, H, W, ...how }), params };
}

function roiTask(
  { samples, bins: [OH, OW], scale, halfPixel, mean, size: [H, W] }: RoiTaps,
  to: Shape,
): NodeTask {
  const [, R, T, P] = to;
  const dims = { R, S: samples, OH, OW, T, P, H, W, SCALE: scale, HALF: flag(halfPixel), MEAN: flag(mean) };
  return { ...opCall("roi-taps", dims), params: [matrix("rois", 0, [R, 4]), matrix("y", "output", to)] };
}

/** Pixels of images in any layout; what chooses them is a list. */
export function sampleTask(
  { images: chosen, greatest }: Sample,
  shapes: readonly Shape[],
  to: Shape,
  C: number,
): NodeTask {
  const [[I, , IH, IW], taps] = shapes;
  const [N, , OH, OW] = to;
  const [, , T] = taps;
  const image = chosen ? matrix("image", 2, [N]) : ({ kind: "unused", param: "image" } as const);
  const dims = { N, C, OH, OW, KH: T, KW: T, I, IH, IW, S: elementCount(taps) };
  const params = [images("x", 0), matrix("taps", 1, [elementCount(taps)]), image, images("y", "output")];
  return greatest
    ? { ...opCall("sample-max", dims), params }
    : { ...opCall("sample", { ...dims, IMAGES: flag(chosen) }), params };
}
