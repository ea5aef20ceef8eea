/** Products of blocks that take the place of eight. */
export const PRODUCTS = 7;

/**
 * Weights w [groups, OC, IC, KH, KW] as the kernel's u [groups, 7, OC / 2, KH * KW * IC / 2]: what each product takes of the blocks A11, A12
 * (the first half of the output channels by both halves of the input channels), A21 and A22, in double precision.
 */
export function strassenWeights(
  w: Float32Array,
  { G: groups, OC, IC }: { readonly G: number; readonly OC: number; readonly IC: number },
): Float32Array {
  const taps = w.length / (groups * OC * IC);
  const [half, row] = [OC / 2, IC / 2];
  const block = half * taps * row;
  const u = new Float32Array(groups * PRODUCTS * block);
  for (let g = 0; g < groups; g++) {
    for (let oc = 0; oc < half; oc++) {
      const [upper, lower] = [oc, half + oc].map((at) => (g * OC + at) * IC * taps);
      for (let ic = 0; ic < row; ic++) {
        for (let tap = 0; tap < taps; tap++) {
          const [left, right] = [ic * taps + tap, (row + ic) * taps + tap];
          const [a11, a12, a21, a22] = [w[upper + left], w[upper + right], w[lower + left], w[lower + right]];
          const of = [a11, a12, a12 + a11 - a21 - a22, a22, a21 + a22, a21 + a22 - a11, a11 - a21];
          const to = oc * taps * row + tap * row + ic;
          for (let k = 0; k < PRODUCTS; k++) u[(g * PRODUCTS + k) * block + to] = of[k];
        }
      }
    }
  }
  return u;
}
