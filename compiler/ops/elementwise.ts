/** What an operator of two tensors of one shape is, beside its formula (elementwise.kernel.ts). */
interface Elementwise {
  /** What the kernel's dim FN takes for it. */
  readonly fn: number;
  /** The ONNX operator. */
  readonly onnx: string;
}

/**
 * Operators of two activations of one shape, element by element, beside Add and Mul, which can be ends of convolutions. A new
 * one is a row here, its formula in the kernel and, where it is new to the import, its row in the table of ONNX operators.
 * Of finite values results must be finite: lanes that no channel fills are computed too.
 */
export const ELEMENTWISE = {
  sub: { fn: 0, onnx: "Sub" },
  max: { fn: 1, onnx: "Max" },
  min: { fn: 2, onnx: "Min" },
} as const satisfies Readonly<Record<string, Elementwise>>;

export type ElementwiseName = keyof typeof ELEMENTWISE;

/** Names by ONNX operator. */
export const ELEMENTWISE_OF_ONNX: ReadonlyMap<string, ElementwiseName> = new Map(
  (Object.keys(ELEMENTWISE) as ElementwiseName[]).map((name) => [ELEMENTWISE[name].onnx, name]),
);
