/** What of an activation holds beside its formula (language/activations.kernel.ts). */
interface Activation {
  /** What the dim ACT of a kernel takes for it (activate.kernel.ts); 0 is none. */
  readonly act: number;
  /** The ONNX operator that is this function without attributes, and the operator set it came with. */
  readonly onnx?: { readonly type: string; readonly since: number };
  /** Bounds of its results, where they are exact in f32. */
  readonly range?: { readonly lo: number; readonly hi: number };
  /** Some finite values have results that are not, of a moderate size already: lanes that no channel fills are cleared behind it. */
  readonly unbounded?: true;
  /** Its values and results may be numbers of f16: it is smooth, and gives none that are to be exact. */
  readonly half?: true;
}

const { POSITIVE_INFINITY: INFINITE } = Number;
const onnx = <T extends string>(type: T, since: number) => ({ type, since });

/**
 * Every function of one value that operators can end with. A new one is a row here, its formula, and its number in
 * activate.kernel.ts.
 */
export const ACTIVATION_TABLE = {
  /** alpha: slope below zero. */
  "leaky-relu": { act: 1, half: true },
  /** alpha: minus the least value. */
  elu: { act: 2, half: true },
  /** alpha as elu's; beta: factor of the whole. */
  selu: { act: 3, half: true },
  sigmoid: { act: 4, half: true, onnx: onnx("Sigmoid", 1), range: { lo: 0, hi: 1 } },
  /** alpha, beta: slope, and value at zero. */
  "hard-sigmoid": { act: 5, half: true, range: { lo: 0, hi: 1 } },
  /** v * sigmoid(alpha * v). */
  silu: { act: 6, half: true },
  /** v * hard-sigmoid(v). */
  "hard-swish": { act: 7, half: true },
  tanh: { act: 8, half: true, onnx: onnx("Tanh", 1) },
  softplus: { act: 9, half: true, onnx: onnx("Softplus", 1), range: { lo: 0, hi: INFINITE } },
  mish: { act: 10, half: true, onnx: onnx("Mish", 18) },
  gelu: { act: 11, half: true },
  /** Gelu with tanh in place of erf. */
  "gelu-tanh": { act: 12, half: true },
  erf: { act: 13, half: true, onnx: onnx("Erf", 9) },
  softsign: { act: 14, half: true, onnx: onnx("Softsign", 1), range: { lo: -1, hi: 1 } },
  exp: { act: 15, onnx: onnx("Exp", 1), range: { lo: 0, hi: INFINITE }, unbounded: true },
  log: { act: 16, onnx: onnx("Log", 1), unbounded: true },
  sqrt: { act: 17, onnx: onnx("Sqrt", 1), range: { lo: 0, hi: INFINITE }, unbounded: true },
  reciprocal: { act: 18, onnx: onnx("Reciprocal", 1), unbounded: true },
  abs: { act: 19, half: true, onnx: onnx("Abs", 1), range: { lo: 0, hi: INFINITE } },
  floor: { act: 20, onnx: onnx("Floor", 1) },
  ceil: { act: 21, onnx: onnx("Ceil", 1) },
  /** Halves go to the even neighbour. */
  round: { act: 22, onnx: onnx("Round", 11) },
  sign: { act: 23, onnx: onnx("Sign", 9), range: { lo: -1, hi: 1 } },
  sin: { act: 24, onnx: onnx("Sin", 7), range: { lo: -1, hi: 1 } },
  cos: { act: 25, onnx: onnx("Cos", 7), range: { lo: -1, hi: 1 } },
  tan: { act: 26, onnx: onnx("Tan", 7), unbounded: true },
  asin: { act: 27, onnx: onnx("Asin", 7), unbounded: true },
  acos: { act: 28, onnx: onnx("Acos", 7), unbounded: true },
  atan: { act: 29, onnx: onnx("Atan", 7) },
  sinh: { act: 30, onnx: onnx("Sinh", 9), unbounded: true },
  cosh: { act: 31, onnx: onnx("Cosh", 9), unbounded: true },
  asinh: { act: 32, onnx: onnx("Asinh", 9) },
  acosh: { act: 33, onnx: onnx("Acosh", 9), unbounded: true },
  atanh: { act: 34, onnx: onnx("Atanh", 9), unbounded: true },
  /** v where it is above alpha, else 0. */
  "thresholded-relu": { act: 35 },
  /** alpha: what is that near 0 becomes 0; beta: taken off the size of all else. */
  shrink: { act: 36 },
  /** alpha: minus the least value; smooth at 0. */
  celu: { act: 37, half: true },
  /** v ** alpha. */
  power: { act: 38, unbounded: true },
  /** alpha * v + beta. */
  affine: { act: 39 },
  /** Truths are 1 or 0. Whether v is no number. */
  "is-nan": { act: 40, range: { lo: 0, hi: 1 } },
  /** alpha, beta: whether it counts that v is minus infinity, or infinity. */
  "is-infinite": { act: 41, range: { lo: 0, hi: 1 } },
  /** Whether v is not 0. */
  truth: { act: 42, range: { lo: 0, hi: 1 } },
  /** v where it lies from alpha to beta, else NaN. */
  held: { act: 43, unbounded: true },
  /** The same of v without its fraction. */
  whole: { act: 44, unbounded: true },
  /** alpha, beta: v less as many beta as leave it from alpha on, below alpha + beta. */
  wrap: { act: 45 },
  /** The number of alpha that v is nearest to, halves to the even one, from beta on. */
  quantize: { act: 46 },
  /** What that stands for: alpha * (v - beta). */
  dequantize: { act: 47 },
  /** Both: the multiple of alpha that v is nearest to. */
  "fake-quantize": { act: 48 },
  /** The same of a sum, which is rounded anyway, by beta = 1 / alpha: a division takes as long as twenty products. */
  requantize: { act: 49 },
  /** The number of steps that a sum is nearest to, from beta on: alpha is 1 / step. */
  "quantize-by-product": { act: 50 },
  /** The same where these are fewer than 2^21. */
  "quantize-small": { act: 51 },
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
  const { onnx: operator }: Activation = ACTIVATION_TABLE[fn];
  return operator === undefined ? [] : [{ fn, ...operator } as PlainActivation];
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

/** Whether what lies around an activation may be f16. */
export function mayBeHalf(fn: ActivationName): boolean {
  const row: Activation = ACTIVATION_TABLE[fn];
  return row.half ?? false;
}

/** Whether results of finite values of a moderate size may be infinite, or no number. */
export function isUnbounded(fn: ActivationName): boolean {
  const row: Activation = ACTIVATION_TABLE[fn];
  return row.unbounded ?? false;
}
