import type { NodeContext } from "../node-context.ts";
import type { TensorValue, Whole } from "../value.ts";
import { EXACT } from "../whole.ts";
import { type Along, helpAlong } from "./along.ts";
import { functionOp } from "./function-op.ts";
import type { Sampling } from "./resize-taps.ts";

type WholeTensor = TensorValue & { readonly whole: Whole };

/**
 * Emits sums of whole numbers as ONNX Runtime does it, in floats that are cut off: only where these are exact in whatever order they are
 * added, as a last bit would make another number of them.
 */
export function emitTruncated(
  node: NodeContext,
  x: WholeTensor,
  { mode, antialias, excludeOutside }: Sampling,
  parts: readonly Along[],
): void {
  const { whole, shape } = x;
  if (mode !== "linear" || antialias || excludeOutside || (whole.type !== "int8" && whole.type !== "uint8")) {
    node.unsupported(`mode="${mode}" of ${whole.type}`);
  }
  const first = Math.max(0, shape.length - 2);
  // other axes are added in whole numbers there
  if (shape.length > 4 || parts.some(({ axis }) => axis < first)) {
    node.unsupported(`mode="linear" of ${whole.type} along others than the last two of up to 4 axes`);
  }
  if (!isExact(whole, parts)) {
    node.unsupported(
      `mode="linear" of ${whole.type} by weights that are not exact: a last bit makes another number`,
    );
  }
  const sums = helpAlong(node, x, parts);
  node.emit(functionOp("whole", whole.lo, whole.hi), [sums.name], sums.shape, whole);
}

/** Whether float32 holds all products of the numbers and weights along each axis, and their sums. */
function isExact({ lo, hi }: Whole, parts: readonly Along[]): boolean {
  const steps = parts.reduce(
    (product, part) => product * (part.kind === "resample" ? stepsOf(part.weights) : 1),
    1,
  );
  return steps * Math.max(Math.abs(lo), Math.abs(hi)) <= EXACT;
}

/** The least power of two of which weights are all whole parts. */
function stepsOf(weights: readonly number[]): number {
  let steps = 1;
  while (steps < EXACT && weights.some((weight) => !Number.isInteger(weight * steps))) steps *= 2;
  return steps;
}
