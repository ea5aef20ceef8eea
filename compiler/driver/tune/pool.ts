import { setImmediate as atLeisure } from "node:timers/promises";
import { InternalError } from "../../support/diagnostic.ts";
import { type Candidate, type Named, type Point, pointText, type Space } from "./candidate.ts";

/** Points made for what one call asks for, most of which may be no candidates. */
const MOST_MADE = 64;
/** Characters of C: loops written out further fill the instruction cache, and keep a C compiler busy for minutes. */
const LONGEST_C = 60_000;

/** Candidates of a space: each kernel once, and none that is surely worse. */
export interface Pool<K extends Named> {
  /** The first candidates of some points that were not asked for before, `most` at most. */
  fresh(points: Iterable<Point>, most: number): Promise<Candidate<K>[]>;
  /** Points that broke the compiler. */
  readonly broken: number;
}

/** `prunes`: what drafts far above the least is left out. The first point is the default, which is always a candidate. */
export function candidatePool<K extends Named>(space: Space<K>, prunes: boolean): Pool<K> {
  const seen = new Set<string>();
  const kernels = new Set<string>();
  let leastDraft = Number.POSITIVE_INFINITY;
  let broken = 0;
  const madeOf = (point: Point): Candidate<K> | undefined => {
    try {
      return space.make(point);
    } catch (error) {
      // what breaks the compiler costs no other candidate; the default has to be there
      if (!(error instanceof InternalError) || kernels.size === 0) throw error;
      broken++;
      return undefined;
    }
  };
  const candidate = (point: Point): Candidate<K> | undefined => {
    const made = madeOf(point);
    if (made === undefined || kernels.has(made.kernel.name)) return undefined;
    kernels.add(made.kernel.name);
    leastDraft = Math.min(leastDraft, made.draft);
    if (kernels.size === 1) return made;
    const isHopeless = prunes && made.draft > space.hopeless * leastDraft;
    return made.characters > LONGEST_C || isHopeless ? undefined : made;
  };
  return {
    fresh: async (points, most) => {
      const found: Candidate<K>[] = [];
      if (most <= 0) return found;
      let tried = 0;
      for (const point of points) {
        const text = pointText(point);
        if (seen.has(text)) continue;
        seen.add(text);
        // boards are listened to between one and the next
        await atLeisure();
        const made = candidate(point);
        if (made !== undefined) found.push(made);
        if (found.length >= most || ++tried >= MOST_MADE) break;
      }
      return found;
    },
    get broken() {
      return broken;
    },
  };
}
