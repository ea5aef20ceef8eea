import { int } from "../attributes.ts";
import { convolution } from "../common-signatures.ts";
import { ignored, input, made, optional, read, type Signature } from "../signature.ts";

const narrowFloats = "about 8-bit floats only";

/** What a number of 8 or 16 bits stands for: steps of a scale from a zero point on. */
export const quantizationSignatures = {
  ConvInteger: {
    since: 10,
    inputs: [input("x"), input("w"), optional("x_zero_point"), optional("w_zero_point")],
    outputs: [made("y")],
    attributes: convolution,
  },
  DequantizeLinear: {
    since: 10,
    inputs: [input("x"), input("x_scale"), optional("x_zero_point")],
    outputs: [made("y")],
    attributes: {
      axis: read(int(1), { since: 13 }),
      block_size: read(int(0), { since: 21 }),
      output_dtype: read(int(0), { since: 23 }),
    },
  },
  DynamicQuantizeLinear: {
    since: 11,
    inputs: [input("x")],
    outputs: [made("y"), { ...made("y_scale"), required: true }, { ...made("y_zero_point"), required: true }],
    attributes: {},
  },
  MatMulInteger: {
    since: 10,
    inputs: [input("A"), input("B"), optional("a_zero_point"), optional("b_zero_point")],
    outputs: [made("Y")],
    attributes: {},
  },
  QLinearConv: {
    since: 10,
    inputs: [
      ...[input("x"), input("x_scale"), input("x_zero_point")],
      ...[input("w"), input("w_scale"), input("w_zero_point")],
      ...[input("y_scale"), input("y_zero_point"), optional("B")],
    ],
    outputs: [made("y")],
    attributes: convolution,
  },
  QLinearMatMul: {
    since: 10,
    inputs: [
      ...[input("a"), input("a_scale"), input("a_zero_point")],
      ...[input("b"), input("b_scale"), input("b_zero_point")],
      ...[input("y_scale"), input("y_zero_point")],
    ],
    outputs: [made("y")],
    attributes: {},
  },
  QuantizeLinear: {
    since: 10,
    inputs: [input("x"), input("y_scale"), optional("y_zero_point")],
    outputs: [made("y")],
    attributes: {
      axis: read(int(1), { since: 13 }),
      block_size: read(int(0), { since: 21 }),
      output_dtype: read(int(0), { since: 21 }),
      precision: read(int(0), { since: 23 }),
      saturate: ignored(int(1), narrowFloats, { since: 19 }),
    },
  },
} as const satisfies Readonly<Record<string, Signature>>;
