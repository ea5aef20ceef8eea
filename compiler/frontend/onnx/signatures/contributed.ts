import {
  flag,
  float,
  int,
  optionalFloat,
  optionalFloats,
  optionalInt,
  requiredInt,
  word,
} from "../attributes.ts";
import { convolution, pool } from "../common-signatures.ts";
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

/** What a fused operator ends with. */
const activation = word("", ["", "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid"]);

/** Operators of the domain com.microsoft, as ONNX Runtime 1.23 has them (docs/ContribOperators.md). */
export const contributedSignatures = {
  BiasGelu: { inputs: [input("A"), input("B")], outputs: [made("C")], attributes: {} },
  DequantizeLinear: { ...one, inputs: steps("x"), attributes: { axis: read(optionalInt()) } },
  FastGelu: { inputs: [input("X"), optional("bias")], outputs: [made("Y")], attributes: {} },
  FusedConv: {
    inputs: [input("X"), input("W"), optional("B"), optional("Z")],
    outputs: [made("Y")],
    attributes: {
      ...convolution,
      activation: read(activation),
      activation_params: read(optionalFloats()),
    },
  },
  FusedGemm: {
    inputs: [input("A"), input("B"), optional("C")],
    outputs: [made("Y")],
    attributes: {
      activation: read(activation),
      activation_alpha: read(optionalFloat()),
      activation_beta: read(optionalFloat()),
      activation_gamma: read(optionalFloat()),
      alpha: read(float(1)),
      beta: read(float(1)),
      transA: read(flag(false)),
      transB: read(flag(false)),
    },
  },
  FusedMatMul: {
    inputs: [input("A"), input("B")],
    outputs: [made("Y")],
    attributes: {
      alpha: read(float(1)),
      transA: read(flag(false)),
      transB: read(flag(false)),
      transBatchA: only(int(0), 0, "batches stay in front"),
      transBatchB: only(int(0), 0, "batches stay in front"),
    },
  },
  Gelu: { inputs: [input("X")], outputs: [made("Y")], attributes: {} },
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
  QLinearSoftmax: { ...one, attributes: { axis: read(int(-1)), opset: read(requiredInt()) } },
  QuickGelu: { inputs: [input("X")], outputs: [made("Y")], attributes: { alpha: read(float(1.702)) } },
  SkipLayerNormalization: {
    inputs: [input("input"), input("skip"), input("gamma"), optional("beta"), optional("bias")],
    outputs: [made("output"), made("mean"), made("inv_std_var"), made("input_skip_bias_sum")],
    attributes: { epsilon: read(float(1e-12)) },
  },
  QuantizeLinear: {
    inputs: [input("x"), ...toSteps],
    outputs: [made("y")],
    attributes: { axis: read(optionalInt()) },
  },
} as const satisfies Readonly<Record<string, Signature>>;

export type ContributedName = keyof typeof contributedSignatures;
