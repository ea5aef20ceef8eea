import { PLAIN_ACTIVATIONS, type PlainActivation } from "../../ops/activation/activations.ts";
import { flag, int, optionalInts, requiredInts, word } from "./attributes.ts";
import { ignored, input, made, read, refused } from "./signature.ts";

// What several operators of the table (signatures.ts) have alike.

export const untilInference = "export the model for inference";
export const consumed = ignored(optionalInts(), "a hint of the first format", { until: 5 });
export const autoPad = read(word("NOTSET", ["NOTSET", "", "SAME_UPPER", "SAME_LOWER", "VALID"]));

/** One input, one output, no attributes that matter. */
export const plain = { inputs: [input("X")], outputs: [made("Y")], attributes: {} } as const;
export const plainOfOld = { ...plain, attributes: { consumed_inputs: consumed } } as const;

export const binary = {
  inputs: [input("A"), input("B")],
  outputs: [made("C")],
  attributes: {
    consumed_inputs: consumed,
    broadcast: ignored(int(0), "shapes show whether something is spread", { until: 6 }),
    axis: refused("int", "B is spread from an axis on: export with opset 7 or newer", { until: 6 }),
  },
} as const;

export const twoInputs = { inputs: [input("A"), input("B")], outputs: [made("C")] } as const;

export const extreme = {
  inputs: [input("data", { variadic: true })],
  outputs: [made("extreme")],
  attributes: { consumed_inputs: consumed },
} as const;

export const window = {
  auto_pad: autoPad,
  pads: read(optionalInts()),
  strides: read(optionalInts()),
} as const;
export const convolution = {
  ...window,
  dilations: read(optionalInts()),
  group: read(int(1)),
  kernel_shape: read(optionalInts()),
} as const;
export const pool = {
  ...window,
  kernel_shape: read(requiredInts()),
  ceil_mode: read(flag(false), { since: 10 }),
} as const;

/** Activations that had a hint of the first format. */
export const oldActivations = {
  Abs: plainOfOld,
  Ceil: plainOfOld,
  Exp: plainOfOld,
  Floor: plainOfOld,
  Log: plainOfOld,
  Reciprocal: plainOfOld,
  Sigmoid: plainOfOld,
  Sqrt: plainOfOld,
  Tanh: plainOfOld,
} as const;

/** Activations that have neither. */
export const activations = Object.fromEntries(
  PLAIN_ACTIVATIONS.map(({ type, since }) => [type, { ...plain, since }]),
) as Readonly<Record<PlainActivation["type"], typeof plain & { readonly since: number }>>;
