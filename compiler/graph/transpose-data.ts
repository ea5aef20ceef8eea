/** Row-major data of `shape` with its dimensions permuted: result dimension i is input dimension perm[i]. */
export function transposeData(
  data: Float32Array,
  shape: readonly number[],
  perm: readonly number[],
): Float32Array {
  const strides = new Array<number>(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1] * shape[d + 1];
  const out = new Float32Array(data.length);
  let at = 0;
  const walk = (dim: number, base: number): void => {
    if (dim === perm.length) {
      out[at++] = data[base];
      return;
    }
    for (let i = 0; i < shape[perm[dim]]; i++) walk(dim + 1, base + i * strides[perm[dim]]);
  };
  walk(0, 0);
  return out;
}
