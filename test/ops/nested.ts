import type { TypedArray } from "../../compiler/ir/dtype.ts";

/** Row-major data as nested arrays whose last level is a typed array: what a kernel takes in Node. */
export function nested(data: TypedArray, shape: readonly number[]): unknown {
  const [extent, ...inner] = shape;
  if (inner.length === 0) return data.slice();
  const step = data.length / extent;
  return Array.from({ length: extent }, (_, i) => nested(data.subarray(i * step, (i + 1) * step), inner));
}

/** The data of nested arrays, row-major. */
export function flat(tensor: unknown): readonly number[] {
  if (ArrayBuffer.isView(tensor)) return [...(tensor as TypedArray)];
  return Array.isArray(tensor) ? tensor.flatMap(flat) : [];
}
