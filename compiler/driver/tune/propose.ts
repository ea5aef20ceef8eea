import type { Rng } from "../../support/rng.ts";
import { type Candidate, type Named, type Point, pointText, type Space } from "./candidate.ts";
import { evolution } from "./evolve.ts";
import { type Hint, nearestPoints, type Sized } from "./hints.ts";
import { bestTried, type Hunt, type Propose, type Tried } from "./hunt.ts";
import { learned } from "./learn.ts";
import { type Lessons, noLessons } from "./lessons.ts";
import { candidatePool } from "./pool.ts";
import type { Strategy } from "./strategy-names.ts";

/** Candidates of a task in turn, each once, the default first: the same for the same seed and the same outcomes. */
export interface Proposals<K extends Named> {
  /** The next ones to try, as many as are asked for while there are more. */
  next(count: number): Promise<readonly Candidate<K>[]>;
  /** What became of one, in the order in which they were given. */
  tell(candidate: Candidate<K>, ratio: number | undefined): void;
  /** Points that broke the compiler. */
  readonly broken: number;
}

/** Strategies see no more of a kernel than that it is one. */
type Start = <K extends Named>(hunt: Hunt<K>) => Propose<K>;

/** Whether it knows the estimate, and what was tuned before: others leave nothing out, and take no hints. */
type Knowing = { readonly start: Start; readonly knows: boolean };

const STRATEGIES: Readonly<Record<Strategy, Knowing>> = {
  estimate: { start: estimate, knows: true },
  learned: { start: learned, knows: true },
  random: { start: random, knows: false },
  grid: { start: grid, knows: false },
  evolution: { start: evolution, knows: false },
};
/** Of the first batch, and of later ones, so many at most are hints: what was best of the nearest sizes, or elsewhere. */
const HINTS = { first: 4, later: 2 };
/** Draws for each random point that is wanted. */
const MOST_DRAWS = 20;

/** What is known before a task is begun. */
export interface Before {
  /** What other tasks of the same tune have taught; this one teaches them, too. */
  readonly lessons?: Lessons;
  /** What the space is of, and how tasks like it were best computed elsewhere. */
  readonly task?: Sized;
  readonly hints?: readonly Hint[];
}

export function proposals<K extends Named>(
  space: Space<K>,
  strategy: Strategy,
  rng: Rng,
  { lessons = noLessons(), task, hints = [] }: Before = {},
): Proposals<K> {
  const { start, knows } = STRATEGIES[strategy];
  const pool = candidatePool(space, knows);
  const nearest = space.points();
  const tried: Tried<K>[] = [];
  const hunt: Hunt<K> = {
    ...{ space, pool, rng, tried, lessons },
    rest: () => left(nearest),
    *anywhere(wanted) {
      for (let i = 0; i < MOST_DRAWS * wanted; i++) {
        const point = space.random(rng);
        if (point !== undefined) yield point;
      }
    },
  };
  const propose = start(hunt);
  let begun = false;
  const hinted = (most: number): Promise<Candidate<K>[]> => {
    if (!knows || task === undefined) return Promise.resolve([]);
    const others = [...lessons.hints].flatMap(([of, hint]) => (of === task ? [] : [hint]));
    const near = nearestPoints(task, [...hints, ...others]).map((point) => space.near(point));
    return pool.fresh(
      near.filter((point) => point !== undefined),
      most,
    );
  };
  /** What is told while candidates are proposed counts from the next call on: a quicker board changes nothing. */
  const told: Tried<K>[] = [];
  return {
    next: async (count) => {
      tried.push(...told.splice(0));
      const best = bestTried(tried);
      if (task !== undefined && best !== undefined && best !== tried[0].candidate)
        lessons.hints.set(task, { ...task, point: best.point });
      const first = begun ? [] : await pool.fresh(hunt.rest(), 1);
      const known = await hinted(Math.min(begun ? HINTS.later : HINTS.first, count - first.length));
      begun = true;
      return [...first, ...known, ...(await propose(count - first.length - known.length))];
    },
    tell: (candidate, ratio) => void told.push({ candidate, ratio }),
    get broken() {
      return pool.broken;
    },
  };
}

/** Of a batch: settings beside the best, and any at all; the rest are the nearest to the default not tried yet. */
const NEIGHBOURS = 6;
const RANDOM = 2;

function estimate<K extends Named>({ space, pool, tried, rest, anywhere }: Hunt<K>): Propose<K> {
  return async (count) => {
    const best = bestTried(tried);
    const beside =
      best === undefined ? [] : await pool.fresh(space.neighbours(best.point), Math.min(NEIGHBOURS, count));
    const few = best === undefined ? 0 : Math.min(RANDOM, count - beside.length);
    const any = await pool.fresh(anywhere(few), few);
    return [...beside, ...any, ...(await pool.fresh(rest(), count - beside.length - any.length))];
  };
}

function random<K extends Named>({ pool, anywhere }: Hunt<K>): Propose<K> {
  return (count) => pool.fresh(anywhere(count), count);
}

/** All points in the order of their texts: what is near in it differs little. */
function grid<K extends Named>({ pool, rest }: Hunt<K>): Propose<K> {
  let sorted: Iterator<Point> | undefined;
  return (count) => {
    sorted ??= [...rest()].sort((a, b) => (pointText(a) < pointText(b) ? -1 : 1)).values();
    return pool.fresh(left(sorted), count);
  };
}

/** What an iterator has not given yet; who leaves off takes nothing from the next. */
function* left<T>(iterator: Iterator<T>): Generator<T, void, void> {
  for (let next = iterator.next(); !next.done; next = iterator.next()) yield next.value;
}
