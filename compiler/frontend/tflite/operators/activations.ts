import { byteField, floatField } from "../flatbuffer.ts";
import {
  axisIn,
  emit,
  float,
  haveSameGrid,
  int,
  layoutOf,
  operand,
  result,
  scalar,
  shapeOf,
  type Translate,
  type Translation,
  tensorOf,
  text,
} from "../translation.ts";

/** The activation that an operator ends with, by its number (ActivationFunctionType). */
export function activated(t: Translation, code: number, name: string): string {
  const clip = (lo: number, hi: number): string =>
    emit(t, "Clip", [name, scalar(t, lo), scalar(t, hi)], { as: `${name}/activation` });
  switch (code) {
    case 0:
      return name;
    case 1:
      return emit(t, "Relu", [name], { as: `${name}/activation` });
    case 2:
      return clip(-1, 1);
    case 3:
      return clip(0, 6);
    case 4:
      return emit(t, "Tanh", [name], { as: `${name}/activation` });
    default:
      return emit(t, `activation ${code}`, [name], { as: `${name}/activation`, domain: "tflite" });
  }
}

/** An operator of one input that is one of ONNX's. */
const alone =
  (opType: string): Translate =>
  (t, { inputs: [x], outputs: [y] }) => {
    const layout = layoutOf(t, x);
    result(t, y, emit(t, opType, [operand(t, x, layout)], { as: tensorOf(t, y).name }), layout);
  };

const clamp =
  (lo: number, hi: number): Translate =>
  (t, { inputs: [x], outputs: [y] }) => {
    const layout = layoutOf(t, x);
    const given = [operand(t, x, layout), scalar(t, lo), scalar(t, hi)];
    result(t, y, emit(t, "Clip", given, { as: tensorOf(t, y).name }), layout);
  };

const leaky: Translate = (t, { options, inputs: [x], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const attribute = [float("alpha", options === undefined ? 0 : floatField(options, 0))];
  result(t, y, emit(t, "LeakyRelu", [operand(t, x, layout)], { as: tensorOf(t, y).name, attribute }), layout);
};

/** PRELU: its slopes are of each channel, or of each element of a row of pixels. */
const prelu: Translate = (t, { inputs: [x, slopes], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const given = [operand(t, x, layout), operand(t, slopes, layout)];
  result(t, y, emit(t, "PRelu", given, { as: tensorOf(t, y).name }), layout);
};

const gelu: Translate = (t, { options, inputs: [x], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const isNear = options !== undefined && byteField(options, 0) !== 0;
  const attribute = [text("approximate", isNear ? "tanh" : "none")];
  result(t, y, emit(t, "Gelu", [operand(t, x, layout)], { as: tensorOf(t, y).name, attribute }), layout);
};

/** SOFTMAX of beta * x along the last dimension. */
const softmax: Translate = (t, { options, inputs: [x], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const beta = options === undefined ? 1 : floatField(options, 0, 0);
  const { name } = tensorOf(t, y);
  const given = operand(t, x, layout);
  const scaled = beta === 1 ? given : emit(t, "Mul", [given, scalar(t, beta)], { as: `${name}/beta` });
  const attribute = [int("axis", axisIn(-1, shapeOf(t, x).length, layout))];
  result(t, y, emit(t, "Softmax", [scaled], { as: name, attribute }), layout);
};

/** An operator of ONNX along the last dimension. */
const alongLast =
  (opType: string): Translate =>
  (t, { inputs: [x], outputs: [y] }) => {
    const layout = layoutOf(t, x);
    const attribute = [int("axis", axisIn(-1, shapeOf(t, x).length, layout))];
    result(t, y, emit(t, opType, [operand(t, x, layout)], { as: tensorOf(t, y).name, attribute }), layout);
  };

const rsqrt: Translate = (t, { inputs: [x], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const { name } = tensorOf(t, y);
  const root = emit(t, "Sqrt", [operand(t, x, layout)], { as: `${name}/root` });
  result(t, y, emit(t, "Reciprocal", [root], { as: name }), layout);
};

/** QUANTIZE and DEQUANTIZE: rounding to steps is what the output's type says. */
const quantize: Translate = (t, { inputs: [x], outputs: [y] }) => {
  const layout = layoutOf(t, x);
  const given = emit(t, "Identity", [operand(t, x, layout)], { as: tensorOf(t, y).name });
  result(t, y, given, layout, haveSameGrid(t, [x, y]) ? x : undefined);
};

export const activationOperators: Readonly<Record<string, Translate>> = {
  RELU: alone("Relu"),
  RELU6: clamp(0, 6),
  RELU_N1_TO_1: clamp(-1, 1),
  RELU_0_TO_1: clamp(0, 1),
  LOGISTIC: alone("Sigmoid"),
  TANH: alone("Tanh"),
  ELU: alone("Elu"),
  HARD_SWISH: alone("HardSwish"),
  LEAKY_RELU: leaky,
  PRELU: prelu,
  GELU: gelu,
  SOFTMAX: softmax,
  LOG_SOFTMAX: alongLast("LogSoftmax"),
  L2_NORMALIZATION: alongLast("LpNormalization"),
  EXP: alone("Exp"),
  LOG: alone("Log"),
  SQRT: alone("Sqrt"),
  RSQRT: rsqrt,
  ABS: alone("Abs"),
  NEG: alone("Neg"),
  SIN: alone("Sin"),
  COS: alone("Cos"),
  FLOOR: alone("Floor"),
  CEIL: alone("Ceil"),
  ROUND: alone("Round"),
  SIGN: alone("Sign"),
  LOGICAL_NOT: alone("Not"),
  QUANTIZE: quantize,
  DEQUANTIZE: quantize,
};
