import { flag, float, int, requiredText } from "../attributes.ts";
import { ignored, input, made, optional, read, readWithin, type Signature } from "../signature.ts";

/** Products of matrices and of tensors. */
export const matrixSignatures = {
  DFT: {
    since: 17,
    inputs: [input("input"), optional("dft_length"), optional("axis", { since: 20 })],
    outputs: [made("output")],
    attributes: {
      axis: readWithin({ until: 19 }, int(1)),
      inverse: read(flag(false)),
      onesided: read(flag(false)),
    },
  },
  Det: { since: 11, inputs: [input("X")], outputs: [made("Y")], attributes: {} },
  Einsum: {
    since: 12,
    inputs: [input("Inputs", { variadic: true })],
    outputs: [made("Output")],
    attributes: { equation: read(requiredText()) },
  },
  Gemm: {
    inputs: [input("A"), input("B"), input("C", { optionalSince: 11 })],
    outputs: [made("Y")],
    attributes: {
      alpha: read(float(1)),
      beta: read(float(1)),
      broadcast: ignored(int(0), "shapes show whether something is spread", { until: 6 }),
      transA: read(flag(false)),
      transB: read(flag(false)),
    },
  },
  MatMul: { inputs: [input("A"), input("B")], outputs: [made("Y")], attributes: {} },
} as const satisfies Readonly<Record<string, Signature>>;
