import { elementCount } from "../graph/extents.ts";
import type { TypedArray } from "../ir/dtype.ts";

/** What a kernel indexes: arrays of arrays whose last level is a typed array. */
export type Nested = TypedArray | readonly Nested[];

/** Row-major `data` as nested arrays of the given shape; they share its memory. */
export function nest(data: TypedArray, shape: readonly number[]): Nested {
  const [extent, ...rest] = shape;
  if (rest.length === 0) return data;
  const size = elementCount(rest);
  return Array.from({ length: extent }, (_, i) => nest(data.subarray(i * size, (i + 1) * size), rest));
}
