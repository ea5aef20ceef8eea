import { floatContents, isFloatType, roundFloat } from "../float-types.ts";
import { fitsType } from "../integer-range.ts";
import type { NodeContext } from "../node-context.ts";
import { elementCount, type FloatType, type IntegerType, MOST_COMPUTED, type Value } from "../value.ts";

export type KnownType = IntegerType | FloatType;

/** Contents that are known while importing: numbers, row-major, of an ONNX type. */
export interface Known {
  readonly type: KnownType;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Input i of a node whose inputs are all known. */
export function known(node: NodeContext, i: number): Known {
  return knownOf(node, node.value(i));
}

/** All inputs, of an operator that takes any number. */
export function allKnown(node: NodeContext): readonly Known[] {
  return Array.from({ length: node.inputCount }, (_, i) => known(node, i));
}

function knownOf(node: NodeContext, value: Value): Known {
  if (value.kind === "integers") return value;
  if (value.kind !== "constant")
    return node.unsupported(`\`${value.name}\` is not known before the network runs`);
  const { type = "float32", shape, doubles, data } = value;
  return { type, shape, data: doubles ?? data };
}

/** Result `at` of a node: counted before it is made, rounded as its type does; integers that the type cannot hold are refused. */
export function give(
  node: NodeContext,
  type: KnownType,
  shape: readonly number[],
  make: () => ArrayLike<number>,
  at = 0,
): void {
  const count = elementCount(shape);
  if (!isFloatType(type) && count > MOST_COMPUTED) {
    node.unsupported(`its result has ${count} known integers, more than ${MOST_COMPUTED}`);
  }
  node.reserve(count);
  const name = node.outputNames[at];
  if (isFloatType(type)) {
    const contents = floatContents(name, shape, type, roundedFloats(type, make()));
    node.becomeResult(at, { kind: "constant", name, shape, ...contents });
    return;
  }
  // no integer is -0
  const data = Array.from(make(), (v) => v + 0);
  const wrong = data.find((v) => !fitsType(type, v));
  if (wrong !== undefined) node.unsupported(`it computes ${wrong}, which ${type} cannot hold`);
  node.becomeResult(at, { kind: "integers", type, name, shape, data });
}

/** Copied at once where the array itself rounds: weights are many. */
function roundedFloats(type: FloatType, values: ArrayLike<number>): Float32Array | Float64Array {
  if (type === "float64") return new Float64Array(values);
  if (type === "float32") return values instanceof Float32Array ? values : new Float32Array(values);
  return Float32Array.from(values, (v) => roundFloat(type, v));
}

/** The same elements in another order or number: result element i is element `order[i]`. */
export function pick(
  node: NodeContext,
  x: Known,
  shape: readonly number[],
  order: () => ArrayLike<number>,
): void {
  give(node, x.type, shape, () => {
    const from = order();
    return Float64Array.from(from, (i) => x.data[i]);
  });
}
