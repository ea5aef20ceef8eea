import { flag, float, int, optionalInt, requiredInt } from "../attributes.ts";
import { pool } from "../common-signatures.ts";
import { input, made, only, optional, read, type Signature } from "../signature.ts";

const rowsLast = only(int(0), 0, "channels lie before the map's rows and columns");
const toSteps = [input("y_scale"), optional("y_zero_point")] as const;
const steps = (x: string) => [input(x), input(`${x}_scale`), optional(`${x}_zero_point`)];
const one = { inputs: [...steps("x"), ...toSteps], outputs: [made("y")], attributes: {} } as const;
const two = {
  inputs: [...steps("a"), ...steps("b"), ...toSteps],
  outputs: [made("y")],
  attributes: {},
} as const;

/** Operators of the domain com.microsoft, as ONNX Runtime 1.23 has them (docs/ContribOperators.md). */
export const contributedSignatures = {
  DequantizeLinear: { ...one, inputs: steps("x"), attributes: { axis: read(optionalInt()) } },
  QGemm: {
    inputs: [...steps("a"), ...steps("b"), optional("c"), optional("y_scale"), optional("y_zero_point")],
    outputs: [made("y")],
    attributes: { alpha: read(float(1)), transA: read(flag(false)), transB: read(flag(false)) },
  },
  QLinearAdd: two,
  QLinearAveragePool: {
    ...one,
    attributes: {
      ...pool,
      channels_last: rowsLast,
      count_include_pad: read(flag(false)),
    },
  },
  QLinearConcat: {
    inputs: [input("y_scale"), input("y_zero_point"), input("inputs", { variadic: true })],
    outputs: [made("y")],
    attributes: { axis: read(requiredInt()) },
  },
  QLinearGlobalAveragePool: { ...one, attributes: { channels_last: rowsLast } },
  QLinearLeakyRelu: { ...one, attributes: { alpha: read(float(0.01)) } },
  QLinearMul: two,
  QLinearSigmoid: one,
  QuantizeLinear: {
    inputs: [input("x"), ...toSteps],
    outputs: [made("y")],
    attributes: { axis: read(optionalInt()) },
  },
} as const satisfies Readonly<Record<string, Signature>>;

export type ContributedName = keyof typeof contributedSignatures;
