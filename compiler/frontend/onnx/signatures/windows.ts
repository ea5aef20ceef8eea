import { flag, float, int, optionalInts, requiredInt, requiredInts, word } from "../attributes.ts";
import { convolution, plain, pool, window } from "../common-signatures.ts";
import { input, made, optional, read, type Signature } from "../signature.ts";

/** The order p of a p-norm. */
const normOrder = [read(float(2), { until: 1 }), read(int(2), { since: 2 })] as const;

const conv = {
  inputs: [input("X"), input("W"), optional("B")],
  outputs: [made("Y")],
  attributes: convolution,
} as const;

/** Convolutions, pools, and what moves channels into the map. */
export const windowSignatures = {
  AveragePool: {
    inputs: [input("X")],
    outputs: [made("Y")],
    attributes: {
      ...pool,
      count_include_pad: read(flag(false), { since: 7 }),
      dilations: read(optionalInts(), { since: 19 }),
    },
  },
  Conv: conv,
  ConvTranspose: {
    ...conv,
    attributes: {
      ...convolution,
      output_padding: read(optionalInts()),
      output_shape: read(optionalInts()),
    },
  },
  DeformConv: {
    since: 19,
    inputs: [input("X"), input("W"), input("offset"), optional("B"), optional("mask")],
    outputs: [made("Y")],
    attributes: {
      dilations: read(optionalInts()),
      group: read(int(1)),
      kernel_shape: read(optionalInts()),
      offset_group: read(int(1)),
      pads: read(optionalInts()),
      strides: read(optionalInts()),
    },
  },
  DepthToSpace: {
    ...plain,
    attributes: { blocksize: read(requiredInt()), mode: read(word("DCR", ["DCR", "CRD"]), { since: 11 }) },
  },
  GlobalAveragePool: plain,
  GlobalLpPool: { ...plain, attributes: { p: normOrder } },
  GlobalMaxPool: plain,
  LpPool: {
    inputs: [input("X")],
    outputs: [made("Y")],
    attributes: {
      ...window,
      ceil_mode: read(flag(false), { since: 18 }),
      dilations: read(optionalInts(), { since: 18 }),
      kernel_shape: [read(optionalInts(), { until: 1 }), read(requiredInts(), { since: 2 })],
      p: normOrder,
    },
  },
  MaxUnpool: {
    since: 9,
    inputs: [input("X"), input("I"), optional("output_shape")],
    outputs: [made("output")],
    attributes: {
      kernel_shape: read(requiredInts()),
      pads: read(optionalInts()),
      strides: read(optionalInts()),
    },
  },
  MaxPool: {
    inputs: [input("X")],
    outputs: [made("Y"), { ...made("Indices"), since: 8 }],
    attributes: {
      ...pool,
      dilations: read(optionalInts(), { since: 10 }),
      storage_order: read(int(0), { since: 8 }),
    },
  },
  SpaceToDepth: {
    ...plain,
    attributes: { blocksize: read(requiredInt()), mode: read(word("DCR", ["DCR", "CRD"]), { since: 28 }) },
  },
} as const satisfies Readonly<Record<string, Signature>>;
