import { flag, int, optionalInt, requiredInt } from "../attributes.ts";
import { ignored, input, made, optional, read, type Signature } from "../signature.ts";

const since = 11;
const sequence = input("input_sequence");

/** Sequences of tensors. */
export const tensorSequenceSignatures = {
  ConcatFromSequence: {
    since,
    inputs: [sequence],
    outputs: [made("concat_result")],
    attributes: { axis: read(requiredInt()), new_axis: read(flag(false)) },
  },
  SequenceAt: { since, inputs: [sequence, input("position")], outputs: [made("tensor")], attributes: {} },
  SequenceConstruct: {
    since,
    inputs: [input("inputs", { variadic: true })],
    outputs: [made("output_sequence")],
    attributes: {},
  },
  SequenceEmpty: {
    since,
    inputs: [],
    outputs: [made("output")],
    attributes: { dtype: ignored(optionalInt(), "of no tensors there is no type") },
  },
  SequenceErase: {
    since,
    inputs: [sequence, optional("position")],
    outputs: [made("output_sequence")],
    attributes: {},
  },
  SequenceInsert: {
    since,
    inputs: [sequence, input("tensor"), optional("position")],
    outputs: [made("output_sequence")],
    attributes: {},
  },
  SequenceLength: { since, inputs: [sequence], outputs: [made("length")], attributes: {} },
  SplitToSequence: {
    since,
    inputs: [input("input"), optional("split")],
    outputs: [made("output_sequence")],
    attributes: { axis: read(int(0)), keepdims: read(flag(true)) },
  },
} as const satisfies Readonly<Record<string, Signature>>;
