import { int, optionalInts } from "../attributes.ts";
import { window } from "../common-signatures.ts";
import { ignored, input, made, optional, read, type Signature } from "../signature.ts";

const narrowFloats = "about 8-bit floats only";
const convolution = {
  ...window,
  dilations: read(optionalInts()),
  group: read(int(1)),
  kernel_shape: read(optionalInts()),
} as const;

/** What a number of 8 or 16 bits stands for: steps of a scale from a zero point on. */
export const quantizationSignatures = {
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
      precision: ignored(int(0), narrowFloats, { since: 23 }),
      saturate: ignored(int(1), narrowFloats, { since: 19 }),
    },
  },
} as const satisfies Readonly<Record<string, Signature>>;
