import type { CoreModel } from "../../machine/core-model.schema.ts";
import type { Core, Target } from "../../machine/target.schema.ts";

import { ESTIMATE } from "./estimate-constants.ts";

export const LINE_BYTES = 64;

type Caches = CoreModel["caches"];

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
  const { latency } = source(bytes, core, caches);
  const unforeseen = Math.min(1, (caches.prefetchAfter + 1) / run);
  return (lines * unforeseen * latency) / caches.overlap;
}

/**
 * Cycles a core waits for the first lines of sequences that begin, `begun` of them, until its prefetcher follows them. None where it
 * does not, as there are too many at a time: unforeseenWaits has these; nor where all stays in the first cache, or nothing is known.
 */
export function begunWaits(
  { count, begun, bytes }: { readonly count: number; readonly begun: number; readonly bytes: number },
  { core }: Target,
): number {
  const caches = core.model?.caches;
  if (caches === undefined || count > caches.prefetchStreams) return 0;
  const { latency } = source(bytes, core, caches);
  return (begun * (caches.prefetchAfter + 1) * latency) / caches.overlap;
}

/** Whether inputs of so many bytes come from memory, as others passed through all caches since they were made; false where nothing is known. */
export function isFar(bytes: number, { core }: Target): boolean {
  const caches = core.model?.caches;
  return caches !== undefined && bytes > ESTIMATE.stillThere * Math.max(core.l2Bytes, caches.l3Bytes);
}

/**
 * Times the nearest cache beyond which a layer's inputs do not lie in it when it begins. A policy, tried on networks of the zoo: what the second
 * cache has is worth asking for, too, up to a tenth of a layer's time on an A76.
 */
const BEYOND_NEAREST = 1.5;

/**
 * Whether inputs of so many bytes come from beyond the nearest cache, and a prefetcher follows fewer sequences than they are read in; false
 * where nothing is known.
 */
export function isUnforeseen(sequences: number, bytes: number, { core }: Target): boolean {
  const caches = core.model?.caches;
  if (caches === undefined || sequences <= caches.prefetchStreams) return false;
  return bytes > BEYOND_NEAREST * core.l1dBytes;
}

/** Lines that are read again and again in the order of their addresses, a few at a time. */
export interface Stream {
  /** Lines asked for at a time, and cycles until the next ones are. */
  readonly burst: number;
  readonly busy: number;
  /** Lines of all bursts. */
  readonly lines: number;
  /** What lies between one reading and the next. */
  readonly bytes: number;
}

/**
 * Cycles a core waits for lines that its prefetcher foresees: those of a burst come one after another, some of them while
 * the core goes on. None where nothing is known of the core.
 */
export function foreseenWaits({ burst, busy, lines, bytes }: Stream, { core }: Target): number {
  const caches = core.model?.caches;
  if (caches === undefined) return 0;
  const { interval } = source(bytes, core, caches);
  const wait = Math.max(0, burst * interval - busy, (burst - caches.ahead) * interval);
  return (lines / burst) * wait;
}

/**
 * Part of some lines that do not stay in the first cache while another sequence passes through it: of `runs` runs of so many
 * bytes, each `apart` bytes from the last, those that fall into sets where too many do, with what passed since they were last used.
 * 1 where all are too many, 0 where nothing is known of the core.
 */
export function displaced(
  { passing, ...runs }: Runs & { readonly passing: number },
  { core }: Target,
): number {
  const ways = core.model?.caches.l1Ways;
  if (ways === undefined) return 0;
  return crowded(runs, passing / (core.l1dBytes / ways), ways, core.l1dBytes);
}

interface Runs {
  readonly runs: number;
  readonly run: number;
  readonly apart: number;
}

/**
 * Part of the lines of some runs that fall into sets of the first cache where too many do, beside so many that pass through each set:
 * a set keeps those that were used last.
 */
function crowded({ runs, run, apart }: Runs, passing: number, ways: number, l1dBytes: number): number {
  const used = new Uint16Array(l1dBytes / LINE_BYTES / ways);
  // one that begins inside a line ends in one more
  const aligned = run % LINE_BYTES === 0 && (runs === 1 || apart % LINE_BYTES === 0);
  const lines = Math.ceil(run / LINE_BYTES) + (aligned ? 0 : 1);
  for (let i = 0; i < runs; i++) {
    const first = Math.floor((i * apart) / LINE_BYTES);
    for (let line = first; line < first + lines; line++) used[line % used.length]++;
  }
  // 1.3 lines pass through each set: through some 2, through the others 1
  const gone = (n: number): number => Math.min(1, Math.max(0, n + passing - ways));
  return used.reduce((sum, n) => sum + n * gone(n), 0) / (runs * lines);
}

/** Of the first cache of a core that is not described: desktop processors have 8 or more. */
const USUAL_WAYS = 8;
/** Cycles of a line from the second cache there, while the core goes on. Measured: 1 to 3. */
const USUAL_INTERVAL = 2;

/** Cycles a core waits for each of some loads that go round lines which drive each other out of the first cache. */
export function crowdedWait(lines: Runs, { core }: Target): number {
  const caches = core.model?.caches;
  const interval =
    caches === undefined ? USUAL_INTERVAL : Math.max(caches.l2Interval, caches.l2Latency / caches.overlap);
  return interval * crowded(lines, 1, caches?.l1Ways ?? USUAL_WAYS, core.l1dBytes);
}

/** What a line costs that comes from where so many bytes stay. */
function source(
  bytes: number,
  { l1dBytes, l2Bytes }: Core,
  caches: Caches,
): { readonly latency: number; readonly interval: number } {
  if (bytes <= l1dBytes) return { latency: 0, interval: 0 };
  if (bytes <= l2Bytes) return { latency: caches.l2Latency, interval: caches.l2Interval };
  if (bytes <= caches.l3Bytes) return { latency: caches.l3Latency, interval: caches.l3Interval };
  return { latency: caches.memoryLatency, interval: caches.memoryInterval };
}
