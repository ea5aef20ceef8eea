import { typeNumber } from "../constants.ts";
import { byteField, floatField, intField } from "../flatbuffer.ts";
import {
  axisIn,
  emit,
  emitTopK,
  float,
  int,
  isFixed,
  type Layout,
  layoutOf,
  operand,
  result,
  shapeIn,
  shapeOf,
  type Translate,
  type Translation,
  tensorOf,
  text,
  unsupported,
  wholes,
} from "../translation.ts";
import { known } from "./shapes.ts";

/** Whether what is left of four dimensions comes in the same order in both layouts: channels are not among them, or nothing else that moves. */
function keepsOrder(axes: ReadonlySet<number>): boolean {
  return axes.has(3) || (axes.has(1) && axes.has(2));
}

const reduction =
  (opType: string): Translate =>
  (t, op) => {
    const {
      options,
      inputs: [x],
      outputs: [y],
    } = op;
    const given = known(t, op, 1);
    if (given === undefined) return unsupported(t, op);
    const rank = shapeOf(t, x).length;
    const axes = new Set(given.map((a) => axisIn(a, rank, "last")));
    const keeps = options !== undefined && byteField(options, 0) !== 0;
    const layout: Layout = keeps || keepsOrder(axes) ? layoutOf(t, x) : "last";
    const moved = [...axes].map((a) => axisIn(a, rank, layout)).sort((a, b) => a - b);
    const input = [operand(t, x, layout), wholes(t, moved)];
    const all = emit(t, opType, input, {
      as: tensorOf(t, y).name,
      attribute: [int("keepdims", keeps ? 1 : 0)],
    });
    result(t, y, all, keeps ? layout : "last");
  };

/** ARG_MAX and ARG_MIN: of equals the first. */
const extreme =
  (opType: string): Translate =>
  (t, op) => {
    const {
      inputs: [x],
      outputs: [y],
    } = op;
    const [axis] = known(t, op, 1) ?? [];
    if (axis === undefined) return unsupported(t, op);
    const { name } = tensorOf(t, y);
    const attribute = [int("axis", axisIn(axis, shapeOf(t, x).length, "last")), int("keepdims", 0)];
    const at = emit(t, opType, [operand(t, x)], { as: `${name}/index`, attribute });
    result(t, y, emit(t, "Cast", [at], { as: name, attribute: [int("to", typeNumber(tensorOf(t, y)))] }));
  };

const topK: Translate = (t, op) => {
  const {
    inputs: [x],
    outputs: [values, indices],
  } = op;
  const k = known(t, op, 1);
  if (k === undefined) return unsupported(t, op);
  const named = [tensorOf(t, values).name, `${tensorOf(t, indices).name}/index`] as const;
  const output = emitTopK(t, [operand(t, x), k[0]], -1, named);
  result(t, values, output[0], "last", x);
  const attribute = [int("to", typeNumber(tensorOf(t, indices)))];
  result(t, indices, emit(t, "Cast", [output[1]], { as: tensorOf(t, indices).name, attribute }));
};

const cumulative: Translate = (t, op) => {
  const {
    options,
    inputs: [x],
    outputs: [y],
  } = op;
  const axis = known(t, op, 1);
  if (axis === undefined) return unsupported(t, op);
  const attribute = ["exclusive", "reverse"].map((name, f) =>
    int(name, options === undefined ? 0 : byteField(options, f)),
  );
  const along = wholes(t, [axisIn(axis[0], shapeOf(t, x).length, "last")]);
  const scalarAxis = emit(t, "Squeeze", [along], { as: `${tensorOf(t, y).name}/axis` });
  result(t, y, emit(t, "CumSum", [operand(t, x), scalarAxis], { as: tensorOf(t, y).name, attribute }));
};

/** BATCH_MATMUL, of either operand transposed. */
const batchMatmul: Translate = (t, { options, inputs, outputs: [y] }) => {
  const { name } = tensorOf(t, y);
  const given = inputs.map((i, f) => {
    const of = operand(t, i);
    if (options === undefined || byteField(options, f) === 0) return of;
    const order = shapeOf(t, i).map((_, d, all) => (d < all.length - 2 ? d : 2 * all.length - 3 - d));
    return emit(t, "Transpose", [of], {
      as: `${name}/transposed`,
      attribute: [{ name: "perm", type: 7, ints: order }],
    });
  });
  result(t, y, emit(t, "MatMul", given, { as: name }));
};

/** RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR, whose flags stand at different places. */
function resize(mode: "linear" | "nearest", flags: readonly [corners: number, centers: number]): Translate {
  return (t: Translation, op) => {
    const {
      options,
      inputs: [x],
      outputs: [y],
    } = op;
    if (!isFixed(t, op, 1)) return unsupported(t, op);
    const [corners, centers] = flags.map((f) => options !== undefined && byteField(options, f) !== 0);
    const coordinates = corners ? "align_corners" : centers ? "half_pixel" : "asymmetric";
    const nearest = corners || centers ? "round_prefer_ceil" : "floor";
    const attribute = [
      ...[text("mode", mode), text("coordinate_transformation_mode", coordinates)],
      ...(mode === "nearest" ? [text("nearest_mode", nearest)] : []),
    ];
    const sizes = wholes(t, shapeIn(shapeOf(t, y), "first"));
    const all = emit(t, "Resize", [operand(t, x, "first"), "", "", sizes], {
      as: tensorOf(t, y).name,
      attribute,
    });
    result(t, y, all, "first", mode === "nearest" ? x : undefined);
  };
}

/** LOCAL_RESPONSE_NORMALIZATION: alpha is of each number here, of their mean in ONNX. */
const lrn: Translate = (t, { options, inputs: [x], outputs: [y] }) => {
  const size = 2 * (options === undefined ? 0 : intField(options, 0)) + 1;
  const [bias, alpha, beta] = [1, 2, 3].map((f) => (options === undefined ? 0 : floatField(options, f)));
  const attribute = [
    int("size", size),
    float("bias", bias),
    float("alpha", alpha * size),
    float("beta", beta),
  ];
  result(t, y, emit(t, "LRN", [operand(t, x, "first")], { as: tensorOf(t, y).name, attribute }), "first");
};

export const reductionOperators: Readonly<Record<string, Translate>> = {
  MEAN: reduction("ReduceMean"),
  SUM: reduction("ReduceSum"),
  REDUCE_MAX: reduction("ReduceMax"),
  REDUCE_MIN: reduction("ReduceMin"),
  REDUCE_PROD: reduction("ReduceProd"),
  ARG_MAX: extreme("ArgMax"),
  ARG_MIN: extreme("ArgMin"),
  TOPK_V2: topK,
  CUMSUM: cumulative,
  BATCH_MATMUL: batchMatmul,
  RESIZE_BILINEAR: resize("linear", [2, 3]),
  RESIZE_NEAREST_NEIGHBOR: resize("nearest", [0, 1]),
  LOCAL_RESPONSE_NORMALIZATION: lrn,
};
