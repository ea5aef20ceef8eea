// The points of a layer's space whose cycles a table holds.
import { spaceOf } from "../../../dist/driver/tune/space.js";
import { taskSpace } from "../../../dist/driver/tune/task-space.js";
import { makeRng } from "../../../dist/support/rng.js";

/** The points nearest to the default are all lowered, of the others as many of any. */
const NEAREST = 160;
const OTHERS = 160;
/** What drafts more than so many times the least, or is longer C than a tuner tries, is left out. */
const MOST_DRAFT = 1.5;
const LONGEST_C = 60_000;
/** Kernels in a table at most: the nearest to the default, and any others. */
const MOST_KERNELS = 170;
const MOST_NEAREST = 90;

/** The points that make kernels of their own, in the order of the space, the default first. */
export function oraclePoints(task, target) {
  const rng = makeRng(1);
  const space = taskSpace(task, target);
  const all = [...spaceOf(task, target)];
  const made = new Map();
  for (const point of some(all, NEAREST, OTHERS, rng)) {
    const found = space.make(point);
    if (found !== undefined && !made.has(found.kernel.name)) made.set(found.kernel.name, found);
  }
  const [first] = made.values();
  const least = Math.min(...[...made.values()].map(({ draft }) => draft));
  const worth = [...made.values()].filter(
    (m) => m === first || (m.draft <= MOST_DRAFT * least && m.characters <= LONGEST_C),
  );
  const kept = some(worth, MOST_NEAREST, MOST_KERNELS - MOST_NEAREST, rng);
  return { points: kept, space: all.length, lowered: made.size, worth: worth.length };
}

/** The first of a list, then others of it drawn at random, in the list's order. */
function some(list, first, others, rng) {
  const rest = list.slice(first).map((item, i) => ({ i, item, at: rng.next() }));
  const drawn = rest.sort((a, b) => a.at - b.at).slice(0, others);
  return [...list.slice(0, first), ...drawn.sort((a, b) => a.i - b.i).map(({ item }) => item)];
}
