import { ascending, CONFIDENCE } from "../median.ts";

/** How samples of two runs that were not taken in turns differ. */
export interface TimeChange {
  /** Two-sided, of the Mann-Whitney U test that neither side's samples tend to be larger. */
  readonly p: number;
  /** Whether p says so at CONFIDENCE. */
  readonly sure: boolean;
  /** How many times `base` what is `now` takes, with an interval; absent where the runs are too few for one. */
  readonly shift?: { readonly low: number; readonly high: number };
}

/** On each side: of fewer, the normal approximation says more than the samples do (one slow run among ties). */
const FEWEST = 7;

/** Of a normal distribution, two-sided, at CONFIDENCE. */
const Z = 2.807;

/**
 * The U test, with ties and by the normal approximation: below FEWEST on each side nothing is ever sure. It takes runs to be
 * independent, so it knows nothing of what differs between one start of a program and the next: that is what a gate's two-part
 * rule is learned for.
 * @param base nanoseconds, at least one sample
 * @param now nanoseconds, at least one sample
 */
export function timeChange(base: readonly number[], now: readonly number[]): TimeChange {
  const [left, right] = [ascending(base), ascending(now)];
  const { u, variance } = uOf(left, right);
  const spread = Math.sqrt(variance);
  const off = Math.abs(u - (left.length * right.length) / 2) - 0.5;
  const p = spread === 0 || off <= 0 ? 1 : 2 * upperTail(off / spread);
  const shift = ratioInterval(left, right, Z * spread);
  const enough = Math.min(left.length, right.length) >= FEWEST;
  return { p, sure: enough && p < 1 - CONFIDENCE, ...(shift !== undefined && { shift }) };
}

/**
 * In how many pairs the sample of `now` is larger, ties counting half, and how much that varies where neither side tends to
 * be larger. Both lists ascend, so one walk through both is enough.
 */
function uOf(base: readonly number[], now: readonly number[]): { u: number; variance: number } {
  const count = base.length + now.length;
  let [u, tied, i, j] = [0, 0, 0, 0];
  while (i < base.length || j < now.length) {
    const value = Math.min(base[i] ?? Number.POSITIVE_INFINITY, now[j] ?? Number.POSITIVE_INFINITY);
    const [from, after] = [i, j];
    while (base[i] === value) i++;
    while (now[j] === value) j++;
    u += (j - after) * (from + (i - from) / 2);
    tied += (i - from + j - after) ** 3 - (i - from + j - after);
  }
  const perPair = (count + 1 - tied / (count * Math.max(1, count - 1))) / 12;
  return { u, variance: base.length * now.length * perPair };
}

/** Of a standard normal distribution (Abramowitz and Stegun 26.2.17; off by less than 1e-7). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const sum =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return sum * Math.exp((-z * z) / 2) * 0.3989422804014327;
}

/**
 * The test turned round (Hodges and Lehmann): of all ratios of a sample of `now` to one of `base`, the k-th from either
 * end. There are too many ratios to write down, so it is sought by halving.
 */
function ratioInterval(
  base: readonly number[],
  now: readonly number[],
  halfWidth: number,
): { low: number; high: number } | undefined {
  const pairs = base.length * now.length;
  const k = Math.floor(pairs / 2 - halfWidth);
  if (k < 1 || base[0] <= 0 || now[0] <= 0) return undefined;
  return { low: kthRatio(base, now, k), high: kthRatio(base, now, pairs + 1 - k) };
}

function kthRatio(base: readonly number[], now: readonly number[], k: number): number {
  let [low, high] = [now[0] / base[base.length - 1], now[now.length - 1] / base[0]];
  for (let turn = 0; turn < 60 && high - low > 1e-12 * high; turn++) {
    const middle = (low + high) / 2;
    if (ratiosUpTo(base, now, middle) >= k) high = middle;
    else low = middle;
  }
  return high;
}

/** How many ratios are at most `limit`: both lists ascend, so the second pointer only moves on. */
function ratiosUpTo(base: readonly number[], now: readonly number[], limit: number): number {
  let [count, i] = [0, 0];
  for (const b of base) {
    while (i < now.length && now[i] <= limit * b) i++;
    count += i;
  }
  return count;
}
