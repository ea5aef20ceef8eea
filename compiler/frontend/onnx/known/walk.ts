import type { NodeContext } from "../node-context.ts";
import { elementCount, shapeText, spreadShape } from "../value.ts";

/** Elements from one index of each dimension to the next, row-major. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, i) => elementCount(shape.slice(i + 1)));
}

/** Offsets of all elements of `shape`, row-major, when dimension i has steps of `strides[i]` and the first is at `start`. */
export function offsets(shape: readonly number[], strides: readonly number[], start = 0): Float64Array {
  let found = Float64Array.of(start);
  for (const [i, d] of shape.entries()) {
    const next = new Float64Array(found.length * d);
    found.forEach((base, at) => {
      for (let k = 0; k < d; k++) next[at * d + k] = base + k * strides[i];
    });
    found = next;
  }
  return found;
}

/** The shape that several spread to (ONNX's multidirectional broadcasting). */
export function broadcastShape(node: NodeContext, shapes: readonly (readonly number[])[]): readonly number[] {
  return (
    spreadShape(shapes) ??
    node.invalid(`it combines known values of shapes ${shapes.map(shapeText).join(" and ")}`)
  );
}

/** For each element of `shape`, row-major, which one of an array of shape `from` is spread to it. */
export function spread(from: readonly number[], shape: readonly number[]): Float64Array {
  const strides = stridesOf(from).map((stride, i) => (from[i] === 1 ? 0 : stride));
  return offsets(shape, [...Array<number>(shape.length - from.length).fill(0), ...strides]);
}
