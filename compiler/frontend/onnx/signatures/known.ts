import { flag, int, optionalInts, requiredGraph, requiredInt } from "../attributes.ts";
import { binary, plain, twoInputs } from "../common-signatures.ts";
import { ignored, input, made, optional, read, type Signature } from "../signature.ts";

const pair = { ...twoInputs, attributes: {} } as const;
/** Without the hint of the first format. */
const { consumed_inputs: _, ...spread } = binary.attributes;
const compared = { ...pair, attributes: spread } as const;

/** Operators that only known values are given to. */
export const knownSignatures = {
  And: compared,
  CumSum: {
    since: 11,
    inputs: [input("x"), input("axis")],
    outputs: [made("y")],
    attributes: { exclusive: read(flag(false)), reverse: read(flag(false)) },
  },
  Equal: compared,
  Greater: compared,
  GreaterOrEqual: { ...pair, since: 12 },
  If: {
    inputs: [input("cond")],
    outputs: [{ name: "outputs", does: "made", variadic: true }],
    attributes: { then_branch: read(requiredGraph()), else_branch: read(requiredGraph()) },
  },
  Less: compared,
  LessOrEqual: { ...pair, since: 12 },
  Loop: {
    inputs: [...[optional("M"), optional("cond")], input("v_initial", { variadic: true })],
    outputs: [{ name: "v_final_and_scan_outputs", does: "made", variadic: true }],
    attributes: { body: read(requiredGraph()) },
  },
  NonZero: { ...plain, since: 9 },
  Not: plain,
  OneHot: {
    since: 9,
    inputs: [input("indices"), input("depth"), input("values")],
    outputs: [made("output")],
    attributes: { axis: read(int(-1)) },
  },
  Or: compared,
  Range: {
    since: 11,
    inputs: [input("start"), input("limit"), input("delta")],
    outputs: [made("output")],
    attributes: { stash_type: ignored(int(1), "known values are computed in doubles", { since: 27 }) },
  },
  Scan: {
    since: 8,
    inputs: [
      optional("sequence_lens", { until: 8 }),
      input("initial_state_and_scan_inputs", { variadic: true }),
    ],
    outputs: [{ name: "final_state_and_scan_outputs", does: "made", variadic: true }],
    attributes: {
      body: read(requiredGraph()),
      num_scan_inputs: read(requiredInt()),
      directions: read(optionalInts(), { until: 8 }),
      scan_input_axes: read(optionalInts(), { since: 9 }),
      scan_input_directions: read(optionalInts(), { since: 9 }),
      scan_output_axes: read(optionalInts(), { since: 9 }),
      scan_output_directions: read(optionalInts(), { since: 9 }),
    },
  },
  Size: plain,
  Trilu: {
    since: 14,
    inputs: [input("input"), optional("k")],
    outputs: [made("output")],
    attributes: { upper: read(flag(true)) },
  },
  Where: {
    since: 9,
    inputs: [input("condition"), input("X"), input("Y")],
    outputs: [made("output")],
    attributes: {},
  },
  Xor: compared,
} as const satisfies Readonly<Record<string, Signature>>;
