/** What trying one of a row says. */
export type Trial = "good" | "bad" | "unknown";

/** Where a row turns bad. */
export interface Turn<T> {
  /** The first that is bad; with `unknown` ones before it, the first that is known to be. */
  readonly first: T;
  /** Those right before it that could not be tried: it may be any of them. */
  readonly unknown: readonly T[];
  readonly tried: number;
}

/**
 * Finds the first bad one of a row whose last one is bad, and before whose first one all is good, in as few trials as halving
 * takes. What cannot be tried is passed over: the nearest to it that can is.
 */
export async function bisect<T>(row: readonly T[], isBad: (one: T) => Promise<Trial>): Promise<Turn<T>> {
  const unknown = new Set<number>();
  let [low, high, tried] = [-1, row.length - 1, 0];
  for (;;) {
    const middle = (low + high) / 2;
    const open = Array.from({ length: high - low - 1 }, (_, i) => low + 1 + i).filter((i) => !unknown.has(i));
    if (open.length === 0) break;
    const at = open.reduce((a, b) => (Math.abs(b - middle) < Math.abs(a - middle) ? b : a));
    const found = await isBad(row[at]);
    tried++;
    if (found === "unknown") unknown.add(at);
    else if (found === "bad") high = at;
    else low = at;
  }
  return { first: row[high], unknown: row.slice(low + 1, high), tried };
}
