import type { Named, Point } from "./candidate.ts";
import type { Hunt, Propose } from "./hunt.ts";

/** What is bred from: the best so many that were tried; of two drawn the better one is the parent. */
const PARENTS = 16;
/** Of children so many parts are drawn anew; others are so many steps of a knob from a parent at most. */
const IMMIGRANTS = 0.15;
const MOST_STEPS = 3;
/** Children bred for each that is wanted: many were seen. */
const MOST_BRED = 20;

/** Plain evolution: a first generation at random, then children of the best that was tried, with nothing learned of why. */
export function evolution<K extends Named>({ space, pool, rng, tried, anywhere }: Hunt<K>): Propose<K> {
  const parents = (): readonly Point[] =>
    tried
      .filter(({ ratio }) => ratio !== undefined)
      .toSorted((a, b) => (a.ratio ?? 0) - (b.ratio ?? 0))
      .slice(0, PARENTS)
      .map(({ candidate }) => candidate.point);
  const mutated = (parent: Point): Point => {
    let point = parent;
    for (let steps = 1 + rng.int(MOST_STEPS); steps > 0; steps--) {
      const near = [...space.neighbours(point)];
      if (near.length === 0) return point;
      point = near[rng.int(near.length)];
    }
    return point;
  };
  function* bred(wanted: number): Generator<Point, void, void> {
    const from = parents();
    for (let i = 0; i < MOST_BRED * wanted; i++) {
      const isNew = from.length === 0 || rng.next() < IMMIGRANTS;
      const point = isNew
        ? space.random(rng)
        : mutated(from[Math.min(rng.int(from.length), rng.int(from.length))]);
      if (point !== undefined) yield point;
    }
  }
  return async (count) => {
    const first = tried.length === 0 ? await pool.fresh(anywhere(count), count) : [];
    return [...first, ...(await pool.fresh(bred(count - first.length), count - first.length))];
  };
}
