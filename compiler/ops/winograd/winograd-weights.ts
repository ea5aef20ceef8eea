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
  const points = MATRICES[tile].length ** 2;
  const pairs = OC * IC;
  const u = new Float32Array(groups * points * pairs);
  const columns = new Float64Array(MATRICES[tile].length * 3 * BLOCK);
  for (let group = 0; group < groups; group++) {
    for (let pair = 0; pair < pairs; pair += BLOCK) {
      const block = Math.min(BLOCK, pairs - pair);
      const of = w.subarray((group * pairs + pair) * 9, (group * pairs + pair + block) * 9);
      transformColumns(MATRICES[tile], of, block, columns);
      transformRows(MATRICES[tile], columns, block, u.subarray(group * points * pairs + pair), pairs);
    }
  }
  return u;
}

/** Pairs of channels transformed together: each point's results are written one after another. */
const BLOCK = 256;

/** G w: columns[i, k, pair] of w[pair, 3, 3]. */
function transformColumns(G: readonly Row[], w: Float32Array, block: number, columns: Float64Array): void {
  for (let i = 0; i < G.length; i++) {
    const [a, b, c] = G[i];
    for (let k = 0; k < 3; k++) {
      const to = (i * 3 + k) * BLOCK;
      for (let pair = 0, at = k; pair < block; pair++, at += 9) {
        columns[to + pair] = a * w[at] + b * w[at + 3] + c * w[at + 6];
      }
    }
  }
}

/** (G w) G^T: u[i, j, pair], `pairs` elements from point to point. */
function transformRows(
  G: readonly Row[],
  columns: Float64Array,
  block: number,
  u: Float32Array,
  pairs: number,
): void {
  for (let i = 0; i < G.length; i++) {
    const from = i * 3 * BLOCK;
    for (let j = 0; j < G.length; j++) {
      const [a, b, c] = G[j];
      const to = (i * G.length + j) * pairs;
      for (let pair = 0; pair < block; pair++) {
        const at = from + pair;
        u[to + pair] = a * columns[at] + b * columns[at + BLOCK] + c * columns[at + 2 * BLOCK];
      }
    }
  }
}
