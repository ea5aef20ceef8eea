import { flag, float, optionalFloat, word } from "../attributes.ts";
import {
  activations,
  binary,
  consumed,
  extreme,
  oldActivations,
  plain,
  plainOfOld,
  twoInputs,
} from "../common-signatures.ts";
import { input, made, optional, read, type Signature } from "../signature.ts";

/** Operators element by element. */
export const elementwiseSignatures = {
  ...activations,
  Add: binary,
  Celu: { ...plain, since: 12, attributes: { alpha: read(float(1)) } },
  Clip: {
    inputs: [input("input"), optional("min", { since: 11 }), optional("max", { since: 11 })],
    outputs: [made("output")],
    attributes: {
      consumed_inputs: consumed,
      min: read(optionalFloat(), { until: 10 }),
      max: read(optionalFloat(), { until: 10 }),
    },
  },
  Div: binary,
  Elu: { ...plain, attributes: { consumed_inputs: consumed, alpha: read(float(1)) } },
  Gelu: { ...plain, since: 20, attributes: { approximate: read(word("none", ["none", "tanh"])) } },
  HardSigmoid: {
    ...plain,
    attributes: {
      consumed_inputs: consumed,
      alpha: read(float(0.20000000298023224)),
      beta: read(float(0.5)),
    },
  },
  HardSwish: { ...plain, since: 14 },
  IsInf: {
    ...plain,
    since: 10,
    attributes: { detect_negative: read(flag(true)), detect_positive: read(flag(true)) },
  },
  IsNaN: { ...plain, since: 9 },
  LeakyRelu: { ...plain, attributes: { consumed_inputs: consumed, alpha: read(float(0.01)) } },
  Max: extreme,
  Mean: extreme,
  Min: extreme,
  Mod: { ...twoInputs, since: 10, attributes: { fmod: read(flag(false)) } },
  Mul: binary,
  Neg: plainOfOld,
  PRelu: {
    inputs: [input("X"), input("slope")],
    outputs: [made("Y")],
    attributes: { consumed_inputs: consumed },
  },
  Pow: {
    ...twoInputs,
    attributes: {
      broadcast: binary.attributes.broadcast,
      axis: binary.attributes.axis,
    },
  },
  Relu: plainOfOld,
  Selu: {
    ...plain,
    attributes: {
      consumed_inputs: consumed,
      alpha: [read(float(1.6732), { until: 5 }), read(float(1.6732631921768188), { since: 6 })],
      gamma: [read(float(1.0507), { until: 5 }), read(float(1.0507010221481323), { since: 6 })],
    },
  },
  Shrink: { ...plain, since: 9, attributes: { bias: read(float(0)), lambd: read(float(0.5)) } },
  ...oldActivations,
  Sub: binary,
  Sum: extreme,
  Swish: { ...plain, since: 24, attributes: { alpha: read(float(1)) } },
  ThresholdedRelu: { ...plain, since: 10, attributes: { alpha: read(float(1)) } },
} as const satisfies Readonly<Record<string, Signature>>;
