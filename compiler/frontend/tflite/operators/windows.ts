import { byteField, intField } from "../flatbuffer.ts";
import type { TfliteOperator } from "../model.ts";
import {
  emit,
  floats,
  hasInput,
  int,
  ints,
  isFixed,
  operand,
  reordered,
  result,
  shapeOf,
  type Translate,
  type Translation,
  tensorOf,
  unsupported,
  wholes,
} from "../translation.ts";
import { activated } from "./activations.ts";

/** Zeros before and after a row, that windows of `reach` every `stride` give `outputs`: as many on both sides, one more behind. */
export function samePads(
  inputs: number,
  outputs: number,
  reach: number,
  stride: number,
): readonly [number, number] {
  const all = Math.max(0, (outputs - 1) * stride + reach - inputs);
  return [Math.floor(all / 2), all - Math.floor(all / 2)];
}

interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Padding.SAME, which is 0; VALID is 1. */
  readonly isSame: boolean;
}

/** Attributes of a window that slides over x [N, H, W, C] and gives y. */
function windowAttributes(
  x: readonly number[],
  y: readonly number[],
  { kernel, strides, dilations, isSame }: Window,
) {
  const pads = kernel.map((k, d) =>
    isSame ? samePads(x[1 + d], y[1 + d], (k - 1) * dilations[d] + 1, strides[d]) : [0, 0],
  );
  return [
    ints("kernel_shape", kernel),
    ints("strides", strides),
    ints("pads", [pads[0][0], pads[1][0], pads[0][1], pads[1][1]]),
    ...(dilations.every((d) => d === 1) ? [] : [ints("dilations", dilations)]),
  ];
}

/** Field numbers of a convolution's options; rows come behind columns in all of them. */
interface Fields {
  readonly activation: number;
  /** Of columns; rows follow. */
  readonly dilation: number;
}

function convolution(
  t: Translation,
  op: TfliteOperator,
  fields: Fields,
  weights: string,
  sides: { readonly kernel: readonly [number, number]; readonly group: number },
): void {
  const {
    options,
    inputs: [x],
    outputs: [y],
  } = op;
  const field = (n: number, missing: number): number =>
    options === undefined ? missing : intField(options, n, missing);
  const window: Window = {
    kernel: sides.kernel,
    strides: [field(2, 1), field(1, 1)],
    dilations: [field(fields.dilation + 1, 1), field(fields.dilation, 1)],
    isSame: options === undefined || byteField(options, 0) === 0,
  };
  const attribute = [...windowAttributes(shapeOf(t, x), shapeOf(t, y), window), int("group", sides.group)];
  const { name } = tensorOf(t, y);
  const bias = hasInput(op, 2) ? [operand(t, op.inputs[2])] : [];
  const sum = emit(t, "Conv", [operand(t, x, "first"), weights, ...bias], { as: name, attribute });
  const code = options === undefined ? 0 : byteField(options, fields.activation);
  result(t, y, activated(t, code, sum), "first");
}

/** CONV_2D: x [N, H, W, C], weights [OC, KH, KW, C / groups], bias [OC]. */
const conv2d: Translate = (t, op) => {
  const [x, w] = op.inputs;
  const [, KH, KW, IC] = shapeOf(t, w);
  const group = shapeOf(t, x)[3] / IC;
  convolution(t, op, { activation: 3, dilation: 4 }, operand(t, w, "first"), { kernel: [KH, KW], group });
};

/** DEPTHWISE_CONV_2D: weights [1, KH, KW, C * multiplier]. */
const depthwise: Translate = (t, op) => {
  const [x, w] = op.inputs;
  const [, KH, KW] = shapeOf(t, w);
  const weights = reordered(t, w, [3, 0, 1, 2]);
  convolution(t, op, { activation: 4, dilation: 5 }, weights, { kernel: [KH, KW], group: shapeOf(t, x)[3] });
};

/** TRANSPOSE_CONV: the output's shape, weights [OC, KH, KW, IC], x, bias. */
const transposeConv: Translate = (t, op) => {
  const {
    options,
    inputs: [, w, x],
    outputs: [y],
  } = op;
  if (!isFixed(t, op, 0)) return unsupported(t, op);
  const [, KH, KW] = shapeOf(t, w);
  const [kernel, strides] = [
    [KH, KW],
    options === undefined ? [1, 1] : [intField(options, 2, 1), intField(options, 1, 1)],
  ];
  const rows = kernel.map((k, d) => {
    const over = (shapeOf(t, x)[1 + d] - 1) * strides[d] + k - shapeOf(t, y)[1 + d];
    return {
      before: Math.max(0, Math.floor(over / 2)),
      after: Math.max(0, over - Math.floor(over / 2)),
      more: Math.max(0, -over),
    };
  });
  const attribute = [
    ...[ints("kernel_shape", kernel), ints("strides", strides)],
    ints("pads", [...rows.map(({ before }) => before), ...rows.map(({ after }) => after)]),
    ints(
      "output_padding",
      rows.map(({ more }) => more),
    ),
  ];
  const bias = hasInput(op, 3) ? [operand(t, op.inputs[3])] : [];
  const given = [operand(t, x, "first"), reordered(t, w, [3, 0, 1, 2]), ...bias];
  const sum = emit(t, "ConvTranspose", given, { as: tensorOf(t, y).name, attribute });
  result(t, y, activated(t, options === undefined ? 0 : byteField(options, 3), sum), "first");
};

/** AVERAGE_POOL_2D, whose means leave out what was padded, and MAX_POOL_2D. */
function pool(opType: string): Translate {
  return (t, { options, inputs: [x], outputs: [y] }) => {
    const field = (n: number): number => (options === undefined ? 1 : intField(options, n, 1));
    const window: Window = {
      kernel: [field(4), field(3)],
      strides: [field(2), field(1)],
      dilations: [1, 1],
      isSame: options === undefined || byteField(options, 0) === 0,
    };
    const attribute = windowAttributes(shapeOf(t, x), shapeOf(t, y), window);
    const all = emit(t, opType, [operand(t, x, "first")], { as: tensorOf(t, y).name, attribute });
    const code = options === undefined ? 0 : byteField(options, 5);
    const isMoved = opType === "MaxPool" && code === 0;
    result(t, y, activated(t, code, all), "first", isMoved ? x : undefined);
  };
}

/** FULLY_CONNECTED: rows of x times weights [OC, IC], plus a bias. */
const dense: Translate = (t, op) => {
  const {
    options,
    inputs: [x, w],
    outputs: [y],
  } = op;
  const [OC, IC] = shapeOf(t, w);
  const { name, shape } = tensorOf(t, y);
  const rows = shapeOf(t, x).reduce((a, b) => a * b, 1) / IC;
  const reshaped = (of: string, to: readonly number[]): string =>
    emit(t, "Reshape", [of, wholes(t, to)], { as: `${name}/rows` });
  const isFlat = shapeOf(t, x).length === 2;
  const flat = isFlat ? operand(t, x) : reshaped(operand(t, x), [rows, IC]);
  const bias = hasInput(op, 2) ? operand(t, op.inputs[2]) : floats(t, new Float32Array(OC), [OC]);
  const weights = operand(t, w);
  const sum = emit(t, "Gemm", [flat, weights, bias], { as: name, attribute: [int("transB", 1)] });
  const ended = activated(t, options === undefined ? 0 : byteField(options, 0), sum);
  result(t, y, shape.length === 2 && shape[0] === rows ? ended : reshaped(ended, shape));
};

export const windowOperators: Readonly<Record<string, Translate>> = {
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwise,
  TRANSPOSE_CONV: transposeConv,
  AVERAGE_POOL_2D: pool("AveragePool"),
  MAX_POOL_2D: pool("MaxPool"),
  FULLY_CONNECTED: dense,
};
