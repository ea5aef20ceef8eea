import { flag, float, int, optionalFloat, optionalInt, requiredText } from "../attributes.ts";
import {
  ignored,
  input,
  made,
  only,
  optional,
  read,
  readWithin,
  type Signature,
  unused,
} from "../signature.ts";

/** Products of matrices and of tensors. */
export const matrixSignatures = {
  Attention: {
    since: 23,
    inputs: [
      ...[input("Q"), input("K"), input("V"), optional("attn_mask")],
      ...[optional("past_key"), optional("past_value"), optional("nonpad_kv_seqlen", { since: 24 })],
    ],
    outputs: [made("Y"), unused("present_key"), unused("present_value"), unused("qk_matmul_output")],
    attributes: {
      is_causal: read(flag(false)),
      kv_num_heads: read(optionalInt()),
      left_window_size: only(int(-1), -1, "every key in front is seen", { since: 25 }),
      q_num_heads: read(optionalInt()),
      qk_matmul_output_mode: ignored(int(0), "what is between is no result"),
      right_window_size: only(int(-1), -1, "every key behind is seen", { since: 25 }),
      scale: read(optionalFloat()),
      softcap: read(float(0)),
      softmax_precision: ignored(optionalInt(), "float32 is what it is computed in"),
    },
  },
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
