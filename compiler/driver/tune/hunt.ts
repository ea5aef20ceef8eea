import type { Rng } from "../../support/rng.ts";
import type { Candidate, Named, Point, Space } from "./candidate.ts";
import type { Lessons } from "./lessons.ts";
import type { Pool } from "./pool.ts";

/** A candidate that was tried: its cost in parts of the default's, undefined where it failed. */
export interface Tried<K extends Named> {
  readonly candidate: Candidate<K>;
  readonly ratio: number | undefined;
}

/** What a strategy chooses by. */
export interface Hunt<K extends Named> {
  readonly space: Space<K>;
  readonly pool: Pool<K>;
  readonly rng: Rng;
  readonly tried: readonly Tried<K>[];
  /** What the tune has learned of all of its tasks. */
  readonly lessons: Lessons;
  /** Points of the space in its order, from where it was left. */
  rest(): Iterable<Point>;
  /** So many draws for each point that is wanted: a small space is soon used up, and most draws were seen. */
  anywhere(wanted: number): Iterable<Point>;
}
/** What is tried next, so many at most; nothing: there is no more. */
export type Propose<K extends Named> = (count: number) => Promise<Candidate<K>[]>;

/** The best of what was tried; the first of equals. */
export function bestTried<K extends Named>(tried: readonly Tried<K>[]): Candidate<K> | undefined {
  let best: Tried<K> | undefined;
  for (const one of tried)
    if (one.ratio !== undefined && one.ratio < (best?.ratio ?? Number.POSITIVE_INFINITY)) best = one;
  return best?.candidate;
}
