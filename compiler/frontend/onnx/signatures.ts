import {
  flag,
  float,
  int,
  optionalFloat,
  optionalFloats,
  optionalInt,
  optionalInts,
  optionalTensor,
  requiredInt,
  requiredInts,
  requiredTensor,
  word,
} from "./attributes.ts";
import {
  activations,
  binary,
  consumed,
  extreme,
  plain,
  plainOfOld,
  pool,
  window,
} from "./common-signatures.ts";
import {
  ignored,
  input,
  made,
  only,
  optional,
  read,
  readWithin,
  refused,
  type Signature,
} from "./signature.ts";

const untilInference = "export the model for inference";
const noStrings = "strings are not supported";
const narrowFloats = "about 8-bit numbers only";

/**
 * Every operator that is imported, as ONNX 1.23 defines it in operator sets 1 to 28 (https://onnx.ai/onnx/operators): what
 * is not in here no node may have, and what is in here a handler looks at, or it says why not. A test compares it with
 * ONNX's own schemas.
 */
export const SIGNATURES = {
  ...activations,
  Sigmoid: plainOfOld,
  Tanh: plainOfOld,
  Add: binary,
  AveragePool: {
    inputs: [input("X")],
    outputs: [made("Y")],
    attributes: {
      ...pool,
      count_include_pad: read(flag(false), { since: 7 }),
      dilations: read(optionalInts(), { since: 19 }),
    },
  },
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
  Cast: {
    since: 6,
    inputs: [input("input")],
    outputs: [made("output")],
    attributes: {
      to: read(requiredInt()),
      saturate: ignored(int(1), narrowFloats, { since: 19 }),
      round_mode: ignored(word("up", ["up", "down", "nearest"]), narrowFloats, { since: 24 }),
    },
  },
  Clip: {
    inputs: [input("input"), optional("min", { since: 11 }), optional("max", { since: 11 })],
    outputs: [made("output")],
    attributes: {
      consumed_inputs: consumed,
      min: read(optionalFloat(), { until: 10 }),
      max: read(optionalFloat(), { until: 10 }),
    },
  },
  Concat: {
    inputs: [input("inputs", { variadic: true })],
    outputs: [made("concat_result")],
    attributes: { axis: [read(int(1), { until: 3 }), read(requiredInt(), { since: 4 })] },
  },
  Constant: {
    inputs: [],
    outputs: [made("output")],
    attributes: {
      value: [read(requiredTensor(), { until: 10 }), read(optionalTensor(), { since: 11 })],
      sparse_value: refused("sparse_tensor", "sparse tensors are not supported", { since: 11 }),
      value_float: read(optionalFloat(), { since: 12 }),
      value_floats: read(optionalFloats(), { since: 12 }),
      value_int: read(optionalInt(), { since: 12 }),
      value_ints: read(optionalInts(), { since: 12 }),
      value_string: refused("string", noStrings, { since: 12 }),
      value_strings: refused("strings", noStrings, { since: 12 }),
    },
  },
  ConstantOfShape: {
    since: 9,
    inputs: [input("input")],
    outputs: [made("output")],
    attributes: { value: read(optionalTensor()) },
  },
  Conv: {
    inputs: [input("X"), input("W"), optional("B")],
    outputs: [made("Y")],
    attributes: {
      ...window,
      dilations: read(optionalInts()),
      group: read(int(1)),
      kernel_shape: read(optionalInts()),
    },
  },
  Div: binary,
  Dropout: {
    inputs: [input("data"), optional("ratio", { since: 12 }), optional("training_mode", { since: 12 })],
    outputs: [made("output"), { name: "mask", does: "unused" }],
    attributes: {
      consumed_inputs: consumed,
      is_test: only(int(0), 1, untilInference, { until: 6 }),
      ratio: ignored(float(0.5), "inference drops nothing", { until: 11 }),
      seed: ignored(optionalInt(), "inference drops nothing", { since: 12 }),
    },
  },
  Elu: { ...plain, attributes: { consumed_inputs: consumed, alpha: read(float(1)) } },
  Flatten: { ...plain, attributes: { axis: read(int(1)) } },
  Gather: {
    inputs: [input("data"), input("indices")],
    outputs: [made("output")],
    attributes: { axis: read(int(0)) },
  },
  Gelu: { ...plain, since: 20, attributes: { approximate: read(word("none", ["none", "tanh"])) } },
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
  GlobalAveragePool: plain,
  HardSigmoid: {
    ...plain,
    attributes: {
      consumed_inputs: consumed,
      alpha: read(float(0.20000000298023224)),
      beta: read(float(0.5)),
    },
  },
  HardSwish: { ...plain, since: 14 },
  Identity: plain,
  LeakyRelu: { ...plain, attributes: { consumed_inputs: consumed, alpha: read(float(0.01)) } },
  MatMul: { inputs: [input("A"), input("B")], outputs: [made("Y")], attributes: {} },
  Max: extreme,
  MaxPool: {
    inputs: [input("X")],
    outputs: [made("Y"), { name: "Indices", does: "unused", since: 8 }],
    attributes: {
      ...pool,
      dilations: read(optionalInts(), { since: 10 }),
      storage_order: ignored(int(0), "it orders the numbers in Indices", { since: 8 }),
    },
  },
  Min: extreme,
  Mul: binary,
  PRelu: {
    inputs: [input("X"), input("slope")],
    outputs: [made("Y")],
    attributes: { consumed_inputs: consumed },
  },
  Pad: {
    since: 2,
    inputs: [
      input("data"),
      input("pads", { since: 11 }),
      optional("constant_value", { since: 11 }),
      optional("axes", { since: 18 }),
    ],
    outputs: [made("output")],
    attributes: {
      mode: read(word("constant", ["constant", "reflect", "edge", "wrap"])),
      pads: readWithin({ until: 10 }, requiredInts()),
      value: read(float(0), { until: 10 }),
    },
  },
  ReduceMean: {
    inputs: [input("data"), optional("axes", { since: 18 })],
    outputs: [made("reduced")],
    attributes: {
      axes: read(optionalInts(), { until: 17 }),
      keepdims: read(flag(true)),
      noop_with_empty_axes: read(flag(false), { since: 18 }),
    },
  },
  Relu: plainOfOld,
  Reshape: {
    since: 5,
    inputs: [input("data"), input("shape")],
    outputs: [made("reshaped")],
    attributes: { allowzero: read(flag(false), { since: 14 }) },
  },
  Selu: {
    ...plain,
    attributes: {
      consumed_inputs: consumed,
      alpha: [read(float(1.6732), { until: 5 }), read(float(1.6732631921768188), { since: 6 })],
      gamma: [read(float(1.0507), { until: 5 }), read(float(1.0507010221481323), { since: 6 })],
    },
  },
  Shape: {
    ...plain,
    attributes: { start: read(int(0), { since: 15 }), end: read(optionalInt(), { since: 15 }) },
  },
  Slice: {
    inputs: [
      input("data"),
      input("starts", { since: 10 }),
      input("ends", { since: 10 }),
      optional("axes", { since: 10 }),
      optional("steps", { since: 10 }),
    ],
    outputs: [made("output")],
    attributes: {
      starts: readWithin({ until: 9 }, requiredInts()),
      ends: readWithin({ until: 9 }, requiredInts()),
      axes: read(optionalInts(), { until: 9 }),
    },
  },
  Softmax: { ...plain, attributes: { axis: [read(int(1), { until: 12 }), read(int(-1), { since: 13 })] } },
  Split: {
    since: 2,
    inputs: [input("input"), optional("split", { since: 13 })],
    outputs: [{ name: "outputs", does: "made", variadic: true }],
    attributes: {
      axis: read(int(0)),
      split: read(optionalInts(), { until: 12 }),
      num_outputs: read(optionalInt(), { since: 18 }),
    },
  },
  Squeeze: {
    inputs: [input("data"), optional("axes", { since: 13 })],
    outputs: [made("squeezed")],
    attributes: { axes: read(optionalInts(), { until: 12 }) },
  },
  Sub: binary,
  Transpose: { ...plain, attributes: { perm: read(optionalInts()) } },
  Unsqueeze: {
    inputs: [input("data"), input("axes", { since: 13 })],
    outputs: [made("expanded")],
    attributes: { axes: readWithin({ until: 12 }, requiredInts()) },
  },
} as const satisfies Readonly<Record<string, Signature>>;

export type OperatorName = keyof typeof SIGNATURES;
