/** One of a row of accumulations that commute; equal names are one sum. */
interface IntoSum {
  readonly stmt: { readonly name: string };
}

/** How many accumulations ahead one may be drawn from. Near ones first: loads then keep to the order of their addresses. */
const WINDOWS = [4, 8, 12, 16, 24, 32, 48, 64];

/**
 * Draws accumulations forward until those into the same sum are `gap` apart, as a core that works in order waits for
 * sums otherwise; of the orders that `fits` takes, the one of fewest such waits.
 */
export function keepApart<T extends IntoSum>(
  order: readonly T[],
  gap: number,
  fits: (order: readonly T[]) => boolean,
): readonly T[] {
  let best = order;
  let least = timeOf(order, gap);
  for (const window of WINDOWS) {
    if (least === order.length) break;
    const found = drawn(order, gap, window);
    const time = timeOf(found, gap);
    if (time < least && fits(found)) [best, least] = [found, time];
  }
  return best;
}

/** When the last of them begins, where one begins at a time and each waits for its sum. */
function timeOf(order: readonly IntoSum[], gap: number): number {
  const ready = new Map<string, number>();
  let now = 0;
  for (const { stmt } of order) {
    now = Math.max(now + 1, ready.get(stmt.name) ?? 0);
    ready.set(stmt.name, now + gap);
  }
  return now;
}

/** Always the first of the next `window` whose sum is ready, else the one that has waited longest. */
function drawn<T extends IntoSum>(order: readonly T[], gap: number, window: number): T[] {
  const pending = [...order];
  const out: T[] = [];
  const last = new Map<string, number>();
  const age = ({ stmt }: T): number => out.length - (last.get(stmt.name) ?? Number.NEGATIVE_INFINITY);
  while (pending.length > 0) {
    const near = pending.slice(0, window);
    const ready = near.findIndex((a) => age(a) >= gap);
    const oldest = (): number => near.reduce((best, a, i) => (age(a) > age(near[best]) ? i : best), 0);
    const [next] = pending.splice(ready >= 0 ? ready : oldest(), 1);
    last.set(next.stmt.name, out.length);
    out.push(next);
  }
  return out;
}
