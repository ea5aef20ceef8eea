/** What a reduction is made of: a function of each element, how they are joined, and a function of the whole. */
interface Reduction {
  /** What the dim FN of the kernel takes: 0 adds, 1 takes the greatest, 2 the least, 3 multiplies. */
  readonly join: 0 | 1 | 2 | 3;
  /** What the dim PRE takes: 0 nothing, 1 the size, 2 the square. */
  readonly each?: 1 | 2;
  /** The sum is divided by the number of elements. */
  readonly mean?: true;
  /** Name of the function of the whole. */
  readonly ends?: "sqrt" | "log";
  readonly onnx: string;
}

/** Reductions over any axes. A new one is a row here, and its row in the table of ONNX operators. */
export const REDUCTIONS = {
  sum: { join: 0, onnx: "ReduceSum" },
  mean: { join: 0, mean: true, onnx: "ReduceMean" },
  max: { join: 1, onnx: "ReduceMax" },
  min: { join: 2, onnx: "ReduceMin" },
  prod: { join: 3, onnx: "ReduceProd" },
  l1: { join: 0, each: 1, onnx: "ReduceL1" },
  l2: { join: 0, each: 2, ends: "sqrt", onnx: "ReduceL2" },
  "sum-square": { join: 0, each: 2, onnx: "ReduceSumSquare" },
  "log-sum": { join: 0, ends: "log", onnx: "ReduceLogSum" },
} as const satisfies Readonly<Record<string, Reduction>>;

export type ReductionName = keyof typeof REDUCTIONS;

export const REDUCTION_NAMES = Object.keys(REDUCTIONS) as readonly ReductionName[];

export function reductionOf(name: ReductionName): Reduction {
  return REDUCTIONS[name];
}
