import {
  int,
  optionalFloat,
  optionalFloats,
  optionalInt,
  optionalInts,
  optionalTensor,
  requiredInt,
  requiredTensor,
  word,
} from "../attributes.ts";
import { plain } from "../common-signatures.ts";
import { ignored, input, made, read, refused, type Signature } from "../signature.ts";

const noStrings = "strings are not supported";
const narrowFloats = "about 8-bit numbers only";
/** Known values and what exporters compute shapes with. */
export const constantSignatures = {
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
  CastLike: {
    since: 15,
    inputs: [input("input"), input("target_type")],
    outputs: [made("output")],
    attributes: {
      saturate: ignored(int(1), narrowFloats, { since: 19 }),
      round_mode: ignored(word("up", ["up", "down", "nearest"]), narrowFloats, { since: 24 }),
    },
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
  Shape: {
    ...plain,
    attributes: { start: read(int(0), { since: 15 }), end: read(optionalInt(), { since: 15 }) },
  },
} as const satisfies Readonly<Record<string, Signature>>;
