/** The first place of the greatest number; -1 where one is NaN, or there is none. */
export function indexOfGreatest(data: Float32Array): number {
  let best = data.length === 0 || Number.isNaN(data[0]) ? -1 : 0;
  for (let i = 1; i < data.length; i++) {
    if (Number.isNaN(data[i])) return -1;
    if (best >= 0 && data[i] > data[best]) best = i;
  }
  return best;
}
