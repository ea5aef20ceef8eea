import { flag, int, optionalInts } from "../attributes.ts";
import { plain, pool, window } from "../common-signatures.ts";
import { ignored, input, made, optional, read, type Signature } from "../signature.ts";

/** Convolutions and pools. */
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
  GlobalAveragePool: plain,
  MaxPool: {
    inputs: [input("X")],
    outputs: [made("Y"), { name: "Indices", does: "unused", since: 8 }],
    attributes: {
      ...pool,
      dilations: read(optionalInts(), { since: 10 }),
      storage_order: ignored(int(0), "it orders the numbers in Indices", { since: 8 }),
    },
  },
} as const satisfies Readonly<Record<string, Signature>>;
