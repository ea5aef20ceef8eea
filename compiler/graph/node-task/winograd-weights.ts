/** G of F(4x4, 3x3) (Lavin and Gray 2016, section 4.3): 6 points from 3 weights. */
const G: readonly (readonly [number, number, number])[] = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

/**
 * Weights w [groups, OC, IC, 3, 3] as the kernel's u [groups, 36, OC, IC]: each 3x3 becomes G w G^T,
 * computed in double precision.
 */
export function winogradWeights(
  w: Float32Array,
  { G: groups, OC, IC }: { readonly G: number; readonly OC: number; readonly IC: number },
): Float32Array {
  const u = new Float32Array(groups * 36 * OC * IC);
  const columns = new Float64Array(18);
  for (let group = 0; group < groups; group++) {
    for (let pair = 0; pair < OC * IC; pair++) {
      const from = (group * OC * IC + pair) * 9;
      for (let i = 0; i < 6; i++) {
        const [a, b, c] = G[i];
        for (let k = 0; k < 3; k++) {
          columns[i * 3 + k] = a * w[from + k] + b * w[from + 3 + k] + c * w[from + 6 + k];
        }
      }
      for (let i = 0; i < 6; i++) {
        for (let j = 0; j < 6; j++) {
          const [a, b, c] = G[j];
          const value = a * columns[i * 3] + b * columns[i * 3 + 1] + c * columns[i * 3 + 2];
          u[(group * 36 + i * 6 + j) * OC * IC + pair] = value;
        }
      }
    }
  }
  return u;
}
