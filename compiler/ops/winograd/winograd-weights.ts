/** A point of the polynomials that are multiplied, and by how much the weights' values there are scaled. */
interface Point {
  readonly at: number;
  readonly scale: number;
}

/**
 * The points of tiles of 4, 6, 7 and 8 inputs (Lavin and Gray 2016, sections 4.1 and 4.3). They are the same whatever the inputs are
 * divided into, outputs and taps.
 */
const POINTS: Readonly<Record<PointCount, readonly Point[]>> = {
  4: [
    { at: 0, scale: 1 },
    { at: 1, scale: 1 / 2 },
    { at: -1, scale: 1 / 2 },
    { at: Number.POSITIVE_INFINITY, scale: 1 },
  ],
  6: [
    { at: 0, scale: 1 / 4 },
    { at: 1, scale: -1 / 6 },
    { at: -1, scale: -1 / 6 },
    { at: 2, scale: 1 / 24 },
    { at: -2, scale: 1 / 24 },
    { at: Number.POSITIVE_INFINITY, scale: 1 },
  ],
  7: [
    { at: 0, scale: -1 / 2 },
    { at: 1, scale: -1 / 3 },
    { at: -1, scale: 1 / 9 },
    { at: 2, scale: 1 / 36 },
    { at: -2, scale: -1 / 60 },
    { at: 1 / 2, scale: 2 / 45 },
    { at: Number.POSITIVE_INFINITY, scale: 1 },
  ],
  8: [
    { at: 0, scale: 1 },
    { at: 1, scale: -2 / 9 },
    { at: -1, scale: -2 / 9 },
    { at: 2, scale: 1 / 90 },
    { at: -2, scale: 1 / 90 },
    { at: 1 / 2, scale: 1 / 45 },
    { at: -1 / 2, scale: 1 / 45 },
    { at: Number.POSITIVE_INFINITY, scale: 1 },
  ],
};

/**
 * Six points for f16. Between roots of a half and of two the polynomials differ less than between 1 and 2, and outputs take up half of
 * what values there are rounded by; no value is more than 6.6 times an input, which would be 100 otherwise.
 */
const ROOTS: readonly Point[] = [
  { at: 0, scale: -5 / 2 },
  { at: Math.SQRT1_2, scale: 4 / 3 },
  { at: -Math.SQRT1_2, scale: 4 / 3 },
  { at: Math.SQRT2, scale: Math.SQRT2 / 6 },
  { at: -Math.SQRT2, scale: -Math.SQRT2 / 6 },
  { at: Number.POSITIVE_INFINITY, scale: -5 / 2 },
];

/** Points along a side of a tile: as many as inputs. */
export type PointCount = 4 | 6 | 7 | 8;

/** G: each point's value of a polynomial of so many weights; at infinity it is the last of them. */
function pointMatrix({ count, taps, roots }: WindowPoints): readonly (readonly number[])[] {
  const last = Array.from({ length: taps }, (_, k) => (k === taps - 1 ? 1 : 0));
  return (roots === true ? ROOTS : POINTS[count]).map(({ at, scale }) => {
    const powers = Number.isFinite(at) ? last.map((_, k) => at ** k) : last;
    return powers.map((power) => scale * power);
  });
}

/** How a window becomes points: `taps` a side of each of stride x stride phases. */
export interface WindowPoints {
  readonly count: PointCount;
  readonly taps: number;
  readonly stride: number;
  /** Whether the six points are those for f16. */
  readonly roots?: boolean;
}

/**
 * Weights w [groups, OC, IC, K, K] as the kernel's u, [groups, points, OC, phases, channels] with points row by row: the weights of
 * each phase, every stride-th row and column, become G w G^T, computed in double precision. Where a phase has fewer taps than
 * another the last are zero.
 * @param channels those of the IC that are summed, the first ones
 */
export function winogradWeights(
  w: Float32Array,
  { G: groups, OC, IC }: { readonly G: number; readonly OC: number; readonly IC: number },
  channels: number,
  points: WindowPoints,
): Float32Array {
  const { taps, stride } = points;
  const G = pointMatrix(points);
  const count = G.length ** 2;
  const pairs = OC * stride ** 2 * channels;
  const whole = stride === 1 && channels === IC;
  const phased = whole ? w : byPhases(w, groups * OC, [IC, channels], taps, stride);
  const u = new Float32Array(groups * count * pairs);
  const columns = new Float64Array(G.length * taps * BLOCK);
  for (let group = 0; group < groups; group++) {
    for (let pair = 0; pair < pairs; pair += BLOCK) {
      const block = Math.min(BLOCK, pairs - pair);
      const of = phased.subarray(
        (group * pairs + pair) * taps ** 2,
        (group * pairs + pair + block) * taps ** 2,
      );
      transformColumns(G, of, block, columns);
      transformRows(G, columns, block, u.subarray(group * count * pairs + pair), pairs);
    }
  }
  return u;
}

/** [outputs, IC, K, K] as [outputs, phases, channels, taps, taps]. */
function byPhases(
  w: Float32Array,
  outputs: number,
  [IC, channels]: readonly [number, number],
  taps: number,
  stride: number,
): Float32Array {
  const K = Math.sqrt(w.length / (outputs * IC));
  const phases = stride ** 2;
  const phased = new Float32Array(outputs * phases * channels * taps ** 2);
  for (let at = 0; at < outputs * channels; at++) {
    const [oc, ic] = [Math.floor(at / channels), at % channels];
    for (let tap = 0; tap < K ** 2; tap++) {
      const [kh, kw] = [Math.floor(tap / K), tap % K];
      const phase = (kh % stride) * stride + (kw % stride);
      const to = ((oc * phases + phase) * channels + ic) * taps + Math.floor(kh / stride);
      phased[to * taps + Math.floor(kw / stride)] = w[(oc * IC + ic) * K ** 2 + tap];
    }
  }
  return phased;
}

/** Pairs of channels transformed together: each point's results are written one after another. */
const BLOCK = 256;

/** G w: columns[i, k, pair] of w[pair, taps, taps]. */
function transformColumns(
  G: readonly (readonly number[])[],
  w: Float32Array,
  block: number,
  columns: Float64Array,
): void {
  const taps = G[0].length;
  G.forEach((row, i) => {
    for (let k = 0; k < taps; k++) {
      const to = (i * taps + k) * BLOCK;
      for (let pair = 0; pair < block; pair++) {
        const at = pair * taps ** 2 + k;
        let sum = row[0] * w[at];
        for (let t = 1; t < taps; t++) sum += row[t] * w[at + t * taps];
        columns[to + pair] = sum;
      }
    }
  });
}

/** (G w) G^T: u[i, j, pair], `pairs` elements from point to point. */
function transformRows(
  G: readonly (readonly number[])[],
  columns: Float64Array,
  block: number,
  u: Float32Array,
  pairs: number,
): void {
  const taps = G[0].length;
  for (let i = 0; i < G.length; i++) {
    G.forEach((row, j) => {
      const to = (i * G.length + j) * pairs;
      for (let pair = 0; pair < block; pair++) {
        const at = i * taps * BLOCK + pair;
        let sum = row[0] * columns[at];
        for (let t = 1; t < taps; t++) sum += row[t] * columns[at + t * BLOCK];
        u[to + pair] = sum;
      }
    });
  }
}
