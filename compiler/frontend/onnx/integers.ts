import { fitsType } from "./integer-range.ts";
import type { NodeContext } from "./node-context.ts";
import { elementCount, type IntegerType, MOST_INTEGERS } from "./value.ts";

// Arithmetic on arrays of integers that are known while importing. ONNX's broadcasting; results that the type cannot hold are refused.

/** The node's result: refused where it would be long, and so before it is made. */
export function becomeIntegers(
  node: NodeContext,
  type: IntegerType,
  shape: readonly number[],
  make: () => readonly number[],
): void {
  const count = elementCount(shape);
  if (count > MOST_INTEGERS) {
    node.unsupported(`its result has ${count} known integers, more than ${MOST_INTEGERS}`);
  }
  const data = make();
  const wrong = data.find((v) => !fitsType(type, v));
  if (wrong !== undefined) node.unsupported(`it computes ${wrong}, which ${type} cannot hold`);
  node.become({ kind: "integers", type, name: node.outputName, shape, data });
}
