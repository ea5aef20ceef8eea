import { boostedTrees, type Sample } from "./boosted-trees.ts";
import type { Candidate, Named } from "./candidate.ts";
import { FEATURES } from "./features.ts";
import { bestTried, type Hunt, type Propose } from "./hunt.ts";
import type { Lesson, Lessons } from "./lessons.ts";

/** Candidates that wait to be chosen from, at first and later: each takes some ten milliseconds to make. */
const FIRST_WAITING = 48;
const WAITING = 64;
/** Of the first batch so many are the estimate's own order; of later ones so many are any. */
const NEAREST = 5;
const RANDOM = 2;
/** A trial of the task itself counts as much as so many of others. */
const OWN_WEIGHT = 3;
/** What was learned longer ago is forgotten. */
const MOST_LESSONS = 1500;

/**
 * The estimate's order while nothing is known; then what is expected to cost least: boosted trees learn from counts of
 * lowered nests how far costs are off the drafts, of this task and of those tuned before it.
 */
export function learned<K extends Named>(hunt: Hunt<K>): Propose<K> {
  const { space, pool, tried, rest, anywhere, lessons } = hunt;
  const task = lessons.tasks++;
  let waiting: readonly Candidate<K>[] = [];
  let taught = 0;
  return async (count) => {
    const [reference] = tried;
    for (; taught < tried.length; taught++) {
      const { candidate, ratio } = tried[taught];
      if (ratio !== undefined) lessons.all.push(lessonOf(task, candidate, reference.candidate, ratio));
    }
    const best = bestTried(tried);
    const isFirst = best === undefined;
    const beside = isFirst ? [] : await pool.fresh(space.neighbours(best.point), count);
    const any = isFirst ? [] : await pool.fresh(anywhere(RANDOM), Math.min(RANDOM, count));
    const known = [...waiting, ...beside];
    const isTaught = lessons.all.length > 0;
    const wanted = !isFirst ? WAITING : isTaught ? FIRST_WAITING : count;
    const near = await pool.fresh(rest(), Math.max(count - known.length, wanted - known.length));
    const expected = byCost([...known, ...near], reference?.candidate ?? near[0], task, lessons);
    const order = isFirst && isTaught ? mixed(near.slice(0, NEAREST), expected) : expected;
    waiting = order.slice(count - any.length);
    return [...any, ...order.slice(0, count - any.length)];
  };
}

function lessonOf(task: number, own: Candidate<Named>, reference: Candidate<Named>, ratio: number): Lesson {
  return { task, row: rowOf(own, reference), value: Math.log(ratio) - draftOver(own, reference) };
}

/** Those that are expected to cost least come first; as they are where nothing was learned. */
function byCost<K extends Named>(
  candidates: readonly Candidate<K>[],
  reference: Candidate<K> | undefined,
  task: number,
  { all }: Lessons,
): readonly Candidate<K>[] {
  if (all.length === 0 || reference === undefined) return candidates;
  const samples = all
    .slice(-MOST_LESSONS)
    .map(({ task: of, row, value }): Sample => ({ row, value, weight: of === task ? OWN_WEIGHT : 1 }));
  const off = boostedTrees(samples);
  return candidates
    .map((one) => ({ one, cost: draftOver(one, reference) + off(rowOf(one, reference)) }))
    .sort((a, b) => a.cost - b.cost)
    .map(({ one }) => one);
}

/** One of the first, two of the second, and so on, each once. */
function mixed<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  const others = second.filter((one) => !first.includes(one));
  return first
    .flatMap((one, i) => [one, ...others.slice(2 * i, 2 * i + 2)])
    .concat(others.slice(2 * first.length));
}

const COUNTED = ["loads", "stores", "broadcasts", "scalar", "iterations", "arithmetic"] as const;
const SIZES = ["statements", "hottest", "trips", "grid", "scratch"] as const;
/** Of schedules that many operators have; another one is none of these. */
const SCHEDULES = ["direct", "pointwise", "groups-in-lanes", "depthwise", "spatial-pack", "gspc"] as const;

/** A candidate as the trees see it: operations for each multiply-add, sizes as logarithms. */
function rowOf(candidate: Candidate<Named>, reference: Candidate<Named>): readonly number[] {
  const { features, characters, point } = candidate;
  const of = (name: (typeof FEATURES)[number]): number => features[FEATURES.indexOf(name)];
  const products = Math.max(1, of("fma"));
  return [
    draftOver(candidate, reference),
    Math.log(1 + characters),
    of("pressure"),
    ...COUNTED.map((name) => of(name) / products),
    ...SIZES.map((name) => Math.log(1 + of(name))),
    ...SCHEDULES.map((name) => Number(point.schedule === name)),
  ];
}

/** Logarithm of a draft in parts of the reference's. */
function draftOver({ draft }: Candidate<Named>, reference: Candidate<Named>): number {
  return Math.log(Math.max(1, draft) / Math.max(1, reference.draft));
}
