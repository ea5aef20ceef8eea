import type { Core, CoreModel, Target } from "../target/target.schema.ts";

export const LINE_BYTES = 64;

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
  if (caches === undefined || count <= caches.prefetchStreams) return 0;
  const { latency, interval } = source(bytes, core, caches);
  const unforeseen = Math.min(1, (caches.prefetchAfter + 1) / run);
  return lines * unforeseen * Math.max(0, latency / caches.overlap - interval);
}

/** What a line costs that comes from where so many bytes stay. */
function source(
  bytes: number,
  { l1dBytes, l2Bytes }: Core,
  caches: CoreModel["caches"],
): { readonly latency: number; readonly interval: number } {
  if (bytes <= l1dBytes) return { latency: 0, interval: 0 };
  if (bytes <= l2Bytes) return { latency: caches.l2Latency, interval: caches.l2Interval };
  if (bytes <= caches.l3Bytes) return { latency: caches.l3Latency, interval: caches.l3Interval };
  return { latency: caches.memoryLatency, interval: caches.memoryInterval };
}
