/** What such a sum may be so that 16 bits hold that of the products with any numbers of i8. */
export const MOST_IN_16_BITS = Math.floor((2 ** 15 - 1) / 2 ** 7);

/**
 * The largest sum of the sizes of so many weights that are multiplied and summed together (`smlal_two`, `smlal_four` of targets/isa): at one tap
 * those of every second of 2 * terms channels that lie side by side.
 * @param row weights of one output channel, [IC, taps]
 */
export function largestSum(
  row: ArrayLike<number>,
  { IC, taps }: { readonly IC: number; readonly taps: number },
  terms: number,
): number {
  let largest = 0;
  for (let block = 0; block < IC; block += 2 * terms) {
    for (let lane = block; lane < Math.min(block + 2, IC); lane++) {
      for (let tap = 0; tap < taps; tap++) {
        let sum = 0;
        for (let ic = lane; ic < Math.min(block + 2 * terms, IC); ic += 2)
          sum += Math.abs(row[ic * taps + tap]);
        largest = Math.max(largest, sum);
      }
    }
  }
  return largest;
}
