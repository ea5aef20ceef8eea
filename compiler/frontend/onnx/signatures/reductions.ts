import { flag, float, int, optionalInts, requiredInt, requiredInts } from "../attributes.ts";
import { consumed, plain, untilInference } from "../common-signatures.ts";
import { ignored, input, made, only, optional, read, readWithin, type Signature } from "../signature.ts";

const alongAxis = {
  ...plain,
  attributes: { axis: [read(int(1), { until: 12 }), read(int(-1), { since: 13 })] },
} as const;
/** Axes are an attribute before operator set `since`, an input from it on. */
function reduction(since: number) {
  return {
    inputs: [input("data"), optional("axes", { since })],
    outputs: [made("reduced")],
    attributes: {
      axes: read(optionalInts(), { until: since - 1 }),
      keepdims: read(flag(true)),
      noop_with_empty_axes: read(flag(false), { since }),
    },
  } as const;
}

const extremePlace = {
  ...plain,
  attributes: {
    axis: read(int(0)),
    keepdims: read(flag(true)),
    select_last_index: read(flag(false), { since: 12 }),
  },
} as const;

/** Operators over whole axes: reductions and normalisations. */
export const reductionSignatures = {
  ArgMax: extremePlace,
  ArgMin: extremePlace,
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
  GroupNormalization: {
    since: 18,
    inputs: [input("X"), input("scale"), input("bias")],
    outputs: [made("Y")],
    attributes: {
      epsilon: read(float(1e-5)),
      num_groups: read(requiredInt()),
      stash_type: ignored(int(1), "float32 is what it is computed in", { since: 21 }),
    },
  },
  Hardmax: alongAxis,
  InstanceNormalization: {
    inputs: [input("input"), input("scale"), input("B")],
    outputs: [made("output")],
    attributes: { consumed_inputs: consumed, epsilon: read(float(1e-5)) },
  },
  LRN: {
    ...plain,
    attributes: {
      alpha: read(float(0.0001)),
      beta: read(float(0.75)),
      bias: read(float(1)),
      size: read(requiredInt()),
    },
  },
  LayerNormalization: {
    since: 17,
    inputs: [input("X"), input("Scale"), optional("B")],
    outputs: [made("Y"), made("Mean"), made("InvStdDev")],
    attributes: {
      axis: read(int(-1)),
      epsilon: read(float(1e-5)),
      stash_type: ignored(int(1), "float32 is what it is computed in"),
    },
  },
  LogSoftmax: alongAxis,
  LpNormalization: { ...plain, attributes: { axis: read(int(-1)), p: read(int(2)) } },
  RMSNormalization: {
    since: 23,
    inputs: [input("X"), input("scale")],
    outputs: [made("Y")],
    attributes: {
      axis: read(int(-1)),
      epsilon: read(float(1e-5)),
      stash_type: ignored(int(1), "float32 is what it is computed in"),
    },
  },
  MeanVarianceNormalization: { ...plain, since: 9, attributes: { axes: read(optionalInts()) } },
  ReduceL1: reduction(18),
  ReduceL2: reduction(18),
  ReduceLogSum: reduction(18),
  ReduceLogSumExp: reduction(18),
  ReduceMax: reduction(18),
  ReduceMean: reduction(18),
  ReduceMin: reduction(18),
  ReduceProd: reduction(18),
  ReduceSum: reduction(13),
  ReduceSumSquare: reduction(18),
  Softmax: alongAxis,
  TopK: {
    inputs: [input("X"), input("K", { since: 10 })],
    outputs: [made("Values"), { ...made("Indices"), required: true }],
    attributes: {
      axis: read(int(-1)),
      k: readWithin({ until: 9 }, requiredInt()),
      largest: read(flag(true), { since: 11 }),
      sorted: ignored(int(1), "elements in order are right, too", { since: 11 }),
    },
  },
} as const satisfies Readonly<Record<string, Signature>>;
