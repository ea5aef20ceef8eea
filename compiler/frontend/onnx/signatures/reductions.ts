import { flag, float, int, optionalInts, requiredInts } from "../attributes.ts";
import { plain, untilInference } from "../common-signatures.ts";
import { ignored, input, made, only, optional, read, type Signature } from "../signature.ts";

const alongAxis = {
  ...plain,
  attributes: { axis: [read(int(1), { until: 12 }), read(int(-1), { since: 13 })] },
} as const;

/** Operators over whole axes: reductions and normalisations. */
export const reductionSignatures = {
  BatchNormalization: {
    inputs: [input("X"), input("scale"), input("B"), input("input_mean"), input("input_var")],
    // Before opset 14 naming them is what asks for training.
    outputs: [
      made("Y"),
      { name: "running_mean", does: "unnamed" },
      { name: "running_var", does: "unnamed" },
      { name: "saved_mean", does: "unnamed", until: 13 },
      { name: "saved_var", does: "unnamed", until: 13 },
    ],
    attributes: {
      consumed_inputs: ignored(requiredInts(), "a hint of the first format", { until: 5 }),
      epsilon: read(float(1e-5)),
      is_test: only(int(0), 1, untilInference, { until: 6 }),
      momentum: ignored(float(0.9), "it is about training"),
      spatial: only(int(1), 1, "statistics of each element are not supported", { until: 8 }),
      training_mode: only(int(0), 0, untilInference, { since: 14 }),
    },
  },
  Hardmax: alongAxis,
  LogSoftmax: alongAxis,
  ReduceMean: {
    inputs: [input("data"), optional("axes", { since: 18 })],
    outputs: [made("reduced")],
    attributes: {
      axes: read(optionalInts(), { until: 17 }),
      keepdims: read(flag(true)),
      noop_with_empty_axes: read(flag(false), { since: 18 }),
    },
  },
  Softmax: alongAxis,
} as const satisfies Readonly<Record<string, Signature>>;
