import { elementCount } from "./value.ts";

/** Indices of element number `flat` of a row-major array. */
export function position(flat: number, shape: readonly number[]): number[] {
  let rest = flat;
  return shape.map((_, d) => {
    const stride = elementCount(shape.slice(d + 1));
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return index;
  });
}
