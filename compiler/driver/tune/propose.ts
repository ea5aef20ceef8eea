import type { Target } from "../../machine/target.schema.ts";
import type { Rng } from "../../support/rng.ts";
import type { Task } from "../../task/task.ts";
import { neighbours, type Point, pointText, randomPoint, spaceOf } from "./space.ts";

/** Which points of a space are tried, in turn. `best` is the best so far, undefined before the first. */
export type Propose = (count: number, best: Point | undefined) => readonly Point[];

/** Of a batch: settings beside the best, and any at all; the rest are the nearest to the default not tried yet. */
const NEIGHBOURS = 6;
const RANDOM = 2;
/** Draws for each random point that is wanted. */
const MOST_DRAWS = 20;

export type Strategy = "estimate" | "random";

/** Proposals of a task's points, each once, the default first; the same for the same seed and the same bests. */
export function proposals(task: Task, target: Target, strategy: Strategy, rng: Rng): Propose {
  const seen = new Set<string>();
  const nearest = spaceOf(task, target);
  const fresh = (points: Iterable<Point>, most: number): Point[] => {
    const found: Point[] = [];
    if (most <= 0) return found;
    for (const point of points) {
      if (seen.has(pointText(point))) continue;
      seen.add(pointText(point));
      found.push(point);
      if (found.length >= most) break;
    }
    return found;
  };
  function* anywhere(wanted: number): Generator<Point, void, void> {
    // a small space is soon used up: then most draws were seen
    for (let i = 0; i < MOST_DRAWS * wanted; i++) {
      const point = randomPoint(task, target, rng);
      if (point !== undefined) yield point;
    }
  }
  function* rest(): Generator<Point, void, void> {
    for (let next = nearest.next(); !next.done; next = nearest.next()) yield next.value;
  }
  return (count, best) => {
    const first = seen.size === 0 ? fresh(rest(), 1) : [];
    const more = count - first.length;
    if (strategy === "random") return [...first, ...fresh(anywhere(more), more)];
    if (best === undefined) return [...first, ...fresh(rest(), more)];
    const beside = fresh(neighbours(task, target, best), Math.min(NEIGHBOURS, count));
    const random = fresh(anywhere(RANDOM), Math.min(RANDOM, count - beside.length));
    return [...beside, ...random, ...fresh(rest(), count - beside.length - random.length)];
  };
}
