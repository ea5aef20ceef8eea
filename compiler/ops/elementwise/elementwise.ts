/** What an operator of two tensors is, beside its formula (elementwise.kernel.ts). */
interface Elementwise {
  /** What the kernel's dim FN takes for it. */
  readonly fn: number;
  /** The ONNX operator. */
  readonly onnx: string;
  /** Some finite values have results that are not: lanes that no channel fills are cleared behind it. */
  readonly unbounded?: true;
  /** ONNX gives bool. */
  readonly truth?: true;
}

/**
 * Operators of two activations, or of one and a constant, spread over each other as ONNX has it (Add and Mul of equal shapes
 * are nodes of their own, which can be ends of convolutions). A new one is a row here, its formula in the kernel and, where
 * it is new to the import, its row in the table of ONNX operators.
 */
export const ELEMENTWISE = {
  sub: { fn: 0, onnx: "Sub" },
  max: { fn: 1, onnx: "Max" },
  min: { fn: 2, onnx: "Min" },
  add: { fn: 3, onnx: "Add" },
  mul: { fn: 4, onnx: "Mul" },
  div: { fn: 5, onnx: "Div", unbounded: true },
  pow: { fn: 6, onnx: "Pow", unbounded: true },
  mod: { fn: 7, onnx: "Mod", unbounded: true },
  /** a where it is above 0, else a * b. */
  prelu: { fn: 8, onnx: "PRelu" },
  /** Truths, 1 or 0; of what is no number none holds. */
  equal: { fn: 9, onnx: "Equal", truth: true },
  less: { fn: 10, onnx: "Less", truth: true },
  "less-or-equal": { fn: 11, onnx: "LessOrEqual", truth: true },
  /** a as one of b indices: from the end where it is below 0, NaN where there is none. */
  index: { fn: 12, onnx: "Mod", unbounded: true },
} as const satisfies Readonly<Record<string, Elementwise>>;

export type ElementwiseName = keyof typeof ELEMENTWISE;

/** Whether ONNX has results as bool. */
export function isTruth(name: ElementwiseName): boolean {
  const row: Elementwise = ELEMENTWISE[name];
  return row.truth ?? false;
}

/** Whether results of finite values of a moderate size may be infinite, or no number. */
export function isUnboundedElementwise(name: ElementwiseName): boolean {
  const row: Elementwise = ELEMENTWISE[name];
  return row.unbounded ?? false;
}
