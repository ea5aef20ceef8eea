import type { Target } from "../target/target.schema.ts";

/** What is read and written side by side, before any of it is used again. */
export interface Sequences {
  /** Sequences of addresses, and lines that are taken from one before another's turn comes. */
  readonly count: number;
  readonly run: number;
  /** Lines of all of them that are counted. */
  readonly lines: number;
  /** What it all takes in memory. */
  readonly bytes: number;
}

/**
 * Cycles a core waits for lines that its prefetcher does not foresee, as it follows fewer sequences: the first of every run.
 * None where all of it stays in the first cache, or nothing is known of the core.
 */
export function unforeseenWaits({ count, run, lines, bytes }: Sequences, { core }: Target): number {
  const caches = core.model?.caches;
  if (caches === undefined || bytes <= core.l1dBytes || count <= caches.prefetchStreams) return 0;
  const [latency, interval] =
    bytes <= core.l2Bytes
      ? [caches.l2Latency, caches.l2Interval]
      : bytes <= caches.l3Bytes
        ? [caches.l3Latency, caches.l3Interval]
        : [caches.memoryLatency, caches.memoryInterval];
  const unforeseen = Math.min(1, (caches.prefetchAfter + 1) / run);
  return lines * unforeseen * Math.max(0, latency / caches.overlap - interval);
}
