/** A buffer to be placed: it holds its contents from step `first` to step `last`, both included. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}
export interface MemoryPlan {
  /** Byte offset of each buffer, multiples of ALIGNMENT. */
  readonly offsets: readonly number[];
  readonly arenaBytes: number;
  /** No arena can be smaller: the most that is alive at one step. */
  readonly lowerBound: number;
}
export type MemoryPlanner = (lifetimes: readonly Lifetime[]) => MemoryPlan;

/** A cache line; also more than any vector load asks for. */
export const ALIGNMENT = 64;

/** Rounds of improvement; each costs one placement, which looks at pairs of buffers: thousands of them get fewer rounds. */
const ROUNDS = 60;
const MOST_PAIRS = 1e9;

/**
 * Places buffers that live at the same time apart: largest first, then again and again with the buffer that
 * reached highest placed earlier, and the same beginning in order of time. Keeps the tightest arena.
 */
export const planMemory: MemoryPlanner = (lifetimes) => {
  const sized = lifetimes.map((each) => ({
    ...each,
    bytes: Math.ceil(each.bytes / ALIGNMENT) * ALIGNMENT,
  }));
  const indices = sized.map((_, i) => i);
  const bySize = [...indices].sort((a, b) => sized[b].bytes - sized[a].bytes || a - b);
  const byTime = [...indices].sort(
    (a, b) => sized[a].first - sized[b].first || sized[b].bytes - sized[a].bytes || a - b,
  );
  const plans = [bySize, byTime].map((order) => improve(sized, order));
  return plans.reduce((best, plan) => (plan.arenaBytes < best.arenaBytes ? plan : best));
};

function improve(lifetimes: readonly Lifetime[], start: readonly number[]): MemoryPlan {
  let order = start;
  let best = placeInOrder(lifetimes, order);
  const rounds = Math.min(ROUNDS, Math.floor(MOST_PAIRS / lifetimes.length ** 2));
  for (let round = 0, plan = best; round < rounds && best.arenaBytes > best.lowerBound; round++) {
    const { offsets, arenaBytes } = plan;
    const isHighest = (i: number): boolean => offsets[i] + lifetimes[i].bytes === arenaBytes;
    order = [...order.filter(isHighest), ...order.filter((i) => !isHighest(i))];
    plan = placeInOrder(lifetimes, order);
    if (plan.arenaBytes < best.arenaBytes) best = plan;
  }
  return best;
}

/** Gives every buffer memory of its own: for tests, where nothing may hide behind an earlier value. */
export const planMemoryWithoutReuse: MemoryPlanner = (lifetimes) =>
  planMemory(lifetimes.map(({ bytes }) => ({ bytes, first: 0, last: 0 })));

function placeInOrder(lifetimes: readonly Lifetime[], order: readonly number[]): MemoryPlan {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const placed: number[] = [];
  for (const index of order) {
    const item = lifetimes[index];
    const neighbours = placed
      .filter((other) => overlaps(lifetimes[other], item))
      .sort((a, b) => offsets[a] - offsets[b]);
    offsets[index] = smallestGap(
      neighbours.map((other) => ({ from: offsets[other], to: offsets[other] + lifetimes[other].bytes })),
      item.bytes,
    );
    placed.push(index);
  }
  const arenaBytes = lifetimes.reduce((most, { bytes }, i) => Math.max(most, offsets[i] + bytes), 0);
  return { offsets, arenaBytes, lowerBound: mostAlive(lifetimes) };
}

function overlaps(a: Lifetime, b: Lifetime): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Start of the tightest gap that holds `bytes` between the taken ranges (by `from`), else past the last. */
function smallestGap(
  taken: readonly { readonly from: number; readonly to: number }[],
  bytes: number,
): number {
  let end = 0;
  let best: { at: number; size: number } | undefined;
  for (const { from, to } of taken) {
    const size = from - end;
    if (size >= bytes && (best === undefined || size < best.size)) best = { at: end, size };
    end = Math.max(end, to);
  }
  return best?.at ?? end;
}

function mostAlive(lifetimes: readonly Lifetime[]): number {
  const changes = lifetimes.flatMap(({ bytes, first, last }) => [
    { step: first, bytes },
    { step: last + 1, bytes: -bytes },
  ]);
  // At one step what is over goes before what begins.
  changes.sort((a, b) => a.step - b.step || a.bytes - b.bytes);
  let alive = 0;
  let most = 0;
  for (const { bytes } of changes) {
    alive += bytes;
    most = Math.max(most, alive);
  }
  return most;
}
