import { fitsType } from "./integer-range.ts";
import type { NodeContext } from "./node-context.ts";
import { elementCount, type IntegersValue, type IntegerType, MOST_INTEGERS, shapeText } from "./value.ts";

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

/** a op b, element by element. */
export function combineIntegers(
  node: NodeContext,
  a: IntegersValue,
  b: IntegersValue,
  op: (a: number, b: number) => number,
): void {
  if (a.type !== b.type) node.invalid(`it combines ${a.type} and ${b.type}`);
  if (a.type !== "int64" && a.type !== "int32") node.unsupported(`of ${a.type}`);
  const rank = Math.max(a.shape.length, b.shape.length);
  const [from, to] = [a, b].map(({ shape }) => [...Array<number>(rank - shape.length).fill(1), ...shape]);
  const shape = from.map((d, i) => (d === 1 ? to[i] : d));
  if (shape.some((d, i) => to[i] !== 1 && to[i] !== d)) {
    node.invalid(`it combines integers of shapes ${shapeText(a.shape)} and ${shapeText(b.shape)}`);
  }
  becomeIntegers(node, a.type, shape, () => {
    const left = spread(from, shape);
    const right = spread(to, shape);
    return left.map((at, i) => op(a.data[at] as number, b.data[right[i] as number] as number));
  });
}

/** For each element of `shape`, row-major, which one of an array of shape `from` it takes. */
function spread(from: readonly number[], shape: readonly number[]): readonly number[] {
  return walk(
    shape,
    from.map((d, i) => (d === 1 ? 0 : elementCount(from.slice(i + 1)))),
  );
}

/** Offsets of all elements of `shape`, row-major, when dimension i has steps of `strides[i]`. */
export function walk(shape: readonly number[], strides: readonly number[]): readonly number[] {
  return shape.reduce<readonly number[]>(
    (offsets, d, i) => offsets.flatMap((base) => Array.from({ length: d }, (_, k) => base + k * strides[i])),
    [0],
  );
}

/** Joined along `axis`; shapes agree but there. */
export function joinIntegers(node: NodeContext, parts: readonly IntegersValue[], axis: number): void {
  const [first] = parts;
  const other = parts.find((part) => part.type !== first.type);
  if (other !== undefined) node.invalid(`it joins ${first.type} and ${other.type}`);
  const joined = parts.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
  becomeIntegers(node, first.type, first.shape.with(axis, joined), () =>
    Array.from({ length: elementCount(first.shape.slice(0, axis)) }, (_, row) =>
      parts.flatMap(({ shape, data }) => {
        const length = elementCount(shape.slice(axis));
        return data.slice(row * length, (row + 1) * length);
      }),
    ).flat(),
  );
}
