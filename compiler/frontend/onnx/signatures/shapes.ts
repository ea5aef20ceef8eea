import {
  flag,
  float,
  int,
  optionalInt,
  optionalInts,
  requiredInt,
  requiredInts,
  word,
} from "../attributes.ts";
import { consumed, plain, untilInference } from "../common-signatures.ts";
import { ignored, input, made, only, optional, read, readWithin, type Signature } from "../signature.ts";

/** Operators that move values. */
export const shapeSignatures = {
  Concat: {
    inputs: [input("inputs", { variadic: true })],
    outputs: [made("concat_result")],
    attributes: { axis: [read(int(1), { until: 3 }), read(requiredInt(), { since: 4 })] },
  },
  Dropout: {
    inputs: [input("data"), optional("ratio", { since: 12 }), optional("training_mode", { since: 12 })],
    outputs: [made("output"), made("mask")],
    attributes: {
      consumed_inputs: consumed,
      is_test: only(int(0), 1, untilInference, { until: 6 }),
      ratio: ignored(float(0.5), "inference drops nothing", { until: 11 }),
      seed: ignored(optionalInt(), "inference drops nothing", { since: 12 }),
    },
  },
  EyeLike: { ...plain, since: 9, attributes: { dtype: read(optionalInt()), k: read(int(0)) } },
  Flatten: { ...plain, attributes: { axis: read(int(1)) } },
  Gather: {
    inputs: [input("data"), input("indices")],
    outputs: [made("output")],
    attributes: { axis: read(int(0)) },
  },
  Identity: plain,
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
  Reshape: {
    since: 5,
    inputs: [input("data"), input("shape")],
    outputs: [made("reshaped")],
    attributes: { allowzero: read(flag(false), { since: 14 }) },
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
  Transpose: { ...plain, attributes: { perm: read(optionalInts()) } },
  Unsqueeze: {
    inputs: [input("data"), input("axes", { since: 13 })],
    outputs: [made("expanded")],
    attributes: { axes: readWithin({ until: 12 }, requiredInts()) },
  },
} as const satisfies Readonly<Record<string, Signature>>;
