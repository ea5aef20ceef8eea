/** An equality of numbered variables: the sum of coefs * variables is `bound`. */
export interface Equality {
  readonly vars: readonly number[];
  readonly coefs: readonly number[];
  readonly bound: number;
}

/**
 * An equality as several of fewer variables, where terms are digits of a number: addresses such as `64 * py + 32 * px + cio` of
 * loops that stay below the next factor. What its small terms add up to is known but for multiples of the divisor that the large
 * ones have in common; where one such value alone lies within their bounds, either part is an equality of its own. (Dependence
 * tests know it as delinearization; Maslov, POPL 1992.)
 *
 * @param lo, hi bounds of each variable
 * @returns undefined where no value fits
 */
export function digits(row: Equality, lo: Float64Array, hi: Float64Array): readonly Equality[] | undefined {
  const order = row.coefs.map((_, k) => k).sort((a, b) => Math.abs(row.coefs[b]) - Math.abs(row.coefs[a]));
  let common = 0;
  for (let large = 1; large < order.length; large++) {
    common = gcd(common, Math.abs(row.coefs[order[large - 1]]));
    const small = order.slice(large);
    const [least, most] = range(row, small, lo, hi);
    const value = least + remainder(row.bound - least, common);
    if (value > most) return undefined;
    if (value + common <= most) continue;
    const upper = digits(part(row, order.slice(0, large), row.bound - value), lo, hi);
    const lower = digits(part(row, small, value), lo, hi);
    return upper && lower && [...upper, ...lower];
  }
  return [row];
}

export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function remainder(a: number, by: number): number {
  return ((a % by) + by) % by;
}

/** Least and most that some of its terms add up to. */
function range(
  { vars, coefs }: Equality,
  terms: readonly number[],
  lo: Float64Array,
  hi: Float64Array,
): readonly [number, number] {
  let [least, most] = [0, 0];
  for (const k of terms) {
    const [a, b] = [coefs[k] * lo[vars[k]], coefs[k] * hi[vars[k]]];
    least += Math.min(a, b);
    most += Math.max(a, b);
  }
  return [least, most];
}

function part({ vars, coefs }: Equality, terms: readonly number[], bound: number): Equality {
  return { vars: terms.map((k) => vars[k]), coefs: terms.map((k) => coefs[k]), bound };
}
