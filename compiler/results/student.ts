/**
 * How likely Student's t is at least so far from 0, on either side, with whole degrees of freedom. These have closed forms
 * (Abramowitz and Stegun, 26.7.3 and 26.7.4), sums of positive terms.
 */
export function twoSided(t: number, freedom: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(freedom));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = freedom % 2 === 1;
  let term = isOdd ? cos : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= ((k - 1) / k) * cos * cos;
    sum += term;
  }
  const inside = isOdd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
  return Math.min(1, Math.max(0, 1 - inside));
}
