import { flag, int, optionalFloat, optionalFloats, optionalInt, optionalTexts, word } from "../attributes.ts";
import { ignored, input, made, optional, read, type Signature } from "../signature.ts";

const sequence = [
  input("X"),
  input("W"),
  input("R"),
  optional("B"),
  optional("sequence_lens"),
  optional("initial_h"),
] as const;
const states = [{ ...made("Y"), optional: true }, made("Y_h")] as const;

const attributes = {
  activation_alpha: read(optionalFloats()),
  activation_beta: read(optionalFloats()),
  activations: read(optionalTexts()),
  clip: read(optionalFloat()),
  direction: read(word("forward", ["forward", "reverse", "bidirectional"])),
  hidden_size: read(optionalInt()),
  layout: read(flag(false), { since: 14 }),
  output_sequence: ignored(int(0), "outputs that are named say it", { until: 6 }),
} as const;

/** Layers that read a sequence step by step. */
export const sequenceSignatures = {
  GRU: {
    // what its direction was called before was a misprint
    since: 3,
    inputs: sequence,
    outputs: states,
    attributes: { ...attributes, linear_before_reset: read(flag(false)) },
  },
  LSTM: {
    inputs: [...sequence, optional("initial_c"), optional("P")],
    outputs: [...states, made("Y_c")],
    attributes: { ...attributes, input_forget: read(flag(false)) },
  },
  RNN: { inputs: sequence, outputs: states, attributes },
} as const satisfies Readonly<Record<string, Signature>>;
