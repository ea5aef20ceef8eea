/** What of an activation holds beside its formula (language/activations.kernel.ts). */
interface Activation {
  /** What the dim ACT of a kernel takes for it (activate.kernel.ts); 0 is none. */
  readonly act: number;
  /** The ONNX operator that is this function without attributes, and the operator set it came with. */
  readonly onnx?: { readonly type: string; readonly since: number };
  /** Bounds of its results, where they are exact in f32. */
  readonly range?: { readonly lo: number; readonly hi: number };
}

/** Every activation that operators can end with. A new one is a row here, its formula, and its number in activate.kernel.ts. */
export const ACTIVATION_TABLE = {
  /** alpha: slope below zero. */
  "leaky-relu": { act: 1 },
  /** alpha: minus the least value. */
  elu: { act: 2 },
  /** alpha as elu's; beta: factor of the whole. */
  selu: { act: 3 },
  sigmoid: { act: 4, onnx: { type: "Sigmoid", since: 1 }, range: { lo: 0, hi: 1 } },
  /** alpha, beta: slope, and value at zero. */
  "hard-sigmoid": { act: 5, range: { lo: 0, hi: 1 } },
  /** v * sigmoid(alpha * v). */
  silu: { act: 6 },
  /** v * hard-sigmoid(v). */
  "hard-swish": { act: 7 },
  tanh: { act: 8, onnx: { type: "Tanh", since: 1 } },
  softplus: {
    act: 9,
    onnx: { type: "Softplus", since: 1 },
    range: { lo: 0, hi: Number.POSITIVE_INFINITY },
  },
  mish: { act: 10, onnx: { type: "Mish", since: 18 } },
  gelu: { act: 11 },
  /** Gelu with tanh in place of erf. */
  "gelu-tanh": { act: 12 },
  erf: { act: 13, onnx: { type: "Erf", since: 9 } },
  softsign: { act: 14, onnx: { type: "Softsign", since: 1 }, range: { lo: -1, hi: 1 } },
} as const satisfies Readonly<Record<string, Activation>>;

export type ActivationName = keyof typeof ACTIVATION_TABLE;

/** Those that are ONNX operators of one input and no attributes. */
type Plain = {
  [N in ActivationName]: (typeof ACTIVATION_TABLE)[N] extends { onnx: { type: infer T } } ? T : never;
}[ActivationName];
export interface PlainActivation {
  readonly fn: ActivationName;
  readonly type: Plain & string;
  readonly since: number;
}

export const ACTIVATION_NAMES = Object.keys(ACTIVATION_TABLE) as readonly ActivationName[];

export const PLAIN_ACTIVATIONS: readonly PlainActivation[] = ACTIVATION_NAMES.flatMap((fn) => {
  const row: Activation = ACTIVATION_TABLE[fn];
  return row.onnx === undefined ? [] : [{ fn, ...row.onnx } as PlainActivation];
});

/** What the dim ACT of a kernel takes for an activation. */
export function actOf(fn: ActivationName): number {
  return ACTIVATION_TABLE[fn].act;
}

/** Bounds of an activation's results; undefined where none are known. */
export function activationRange(fn: ActivationName): Activation["range"] {
  const row: Activation = ACTIVATION_TABLE[fn];
  return row.range;
}
