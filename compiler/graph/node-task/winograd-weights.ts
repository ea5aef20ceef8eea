type Row = readonly [number, number, number];

/** G of F(2x2, 3x3) (Lavin and Gray 2016, section 4.1): 4 points from 3 weights. */
const G2: readonly Row[] = [
  [1, 0, 0],
  [1 / 2, 1 / 2, 1 / 2],
  [1 / 2, -1 / 2, 1 / 2],
  [0, 0, 1],
];

/** G of F(4x4, 3x3) (Lavin and Gray 2016, section 4.3): 6 points from 3 weights. */
const G4: readonly Row[] = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

/** G of F(6x6, 3x3) for the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity: 8 points from 3 weights. */
const G6: readonly Row[] = [
  [1, 0, 0],
  [-2 / 9, -2 / 9, -2 / 9],
  [-2 / 9, 2 / 9, -2 / 9],
  [1 / 90, 1 / 45, 2 / 45],
  [1 / 90, -1 / 45, 2 / 45],
  [1 / 45, 1 / 90, 1 / 180],
  [1 / 45, -1 / 90, 1 / 180],
  [0, 0, 1],
];

const MATRICES = { 2: G2, 4: G4, 6: G6 };

/**
 * Weights w [groups, OC, IC, 3, 3] as the kernel's u, [groups, points, OC, IC] with points row by row: each 3x3 becomes
 * G w G^T, computed in double precision.
 * @param tile rows and columns of outputs of a tile
 */
export function winogradWeights(
  w: Float32Array,
  { G: groups, OC, IC }: { readonly G: number; readonly OC: number; readonly IC: number },
  tile: 2 | 4 | 6,
): Float32Array {
  const G = MATRICES[tile];
  const size = G.length;
  const u = new Float32Array(groups * size * size * OC * IC);
  const columns = new Float64Array(size * 3);
  for (let group = 0; group < groups; group++) {
    for (let pair = 0; pair < OC * IC; pair++) {
      const from = (group * OC * IC + pair) * 9;
      for (let i = 0; i < size; i++) {
        const [a, b, c] = G[i];
        for (let k = 0; k < 3; k++) {
          columns[i * 3 + k] = a * w[from + k] + b * w[from + 3 + k] + c * w[from + 6 + k];
        }
      }
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          const [a, b, c] = G[j];
          const value = a * columns[i * 3] + b * columns[i * 3 + 1] + c * columns[i * 3 + 2];
          u[(group * size * size + i * size + j) * OC * IC + pair] = value;
        }
      }
    }
  }
  return u;
}
