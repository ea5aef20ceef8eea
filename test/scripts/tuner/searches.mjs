// Searches over the tables of one layer each: in which order their points are tried, and how soon that comes near the best.
import { pointText } from "../../../dist/driver/tune/candidate.js";
import { noLessons } from "../../../dist/driver/tune/lessons.js";
import { proposals } from "../../../dist/driver/tune/propose.js";
import { tableSpace } from "../../../dist/driver/tune/table-space.js";
import { makeRng } from "../../../dist/support/rng.js";

/** What a task teaches others before they are begun, here. */
const TRIALS_BEFORE = 32;
/** As a tune asks for them. */
const BATCH = 16;
/** Options of a knob that one knob after another tries (driver/decide/search-knobs.ts). */
const MOST_OPTIONS = 6;

/** Trials that are looked at: what takes more is as good as never. */
const MOST_TRIALS = 96;

/** Cycles of what a strategy tries, in turn, until it has no more. `before`: lessons of other tasks of the same tune. */
export async function triedCycles(task, strategy, seed, hopeless, before = []) {
  const lessons = { ...noLessons(), all: before.flat(), tasks: Number.MAX_SAFE_INTEGER };
  return searched(task, strategy, seed, hopeless, lessons, MOST_TRIALS);
}

/** What the first trials of a task teach others. */
export async function lessonsOf(task, number, hopeless) {
  const lessons = { ...noLessons(), tasks: number };
  await searched(task, "learned", 1, hopeless, lessons, TRIALS_BEFORE + 1);
  return lessons.all;
}

async function searched(task, strategy, seed, hopeless, lessons, most) {
  const cycles = new Map(task.points.map(({ kernel, cycles }) => [kernel, cycles]));
  const order = proposals(tableSpace(task, hopeless), strategy, makeRng(seed), { lessons });
  const tried = [];
  const [{ cycles: reference }] = task.points;
  for (let batch = await order.next(BATCH); batch.length > 0; batch = await order.next(BATCH)) {
    if (tried.length >= most) break;
    for (const candidate of batch) {
      const own = cycles.get(candidate.kernel.name);
      order.tell(candidate, own === undefined ? undefined : own / reference);
      tried.push(own ?? Number.POSITIVE_INFINITY);
    }
  }
  return tried;
}

/**
 * What a search tries that knows nothing of the estimate: the default, which every search begins with, is no trial of it, and
 * points that the table leaves out, as they draft far above the least, come between what it draws at random; `drawn`: so many.
 */
export function blind(tried, { points, left_out: leftOut = 0 }, seed, drawn) {
  const rng = makeRng(seed);
  const all = [];
  let [known, out] = [points.length - 1, leftOut];
  for (const [i, cycles] of tried.slice(1).entries()) {
    for (; i < drawn && rng.next() < out / (known + out); out--) all.push(Number.POSITIVE_INFINITY);
    known--;
    all.push(cycles);
  }
  return all;
}

/** One knob after another, each with the others as found so far: what `--choose model` does. */
export function oneKnobCycles({ points }) {
  const cycles = new Map(points.map((point) => [pointText(point), point.cycles]));
  const [first] = points;
  const { schedule } = first;
  const own = points.filter((point) => point.schedule === schedule);
  const tried = [first.cycles];
  let [best, least] = [first.knobs, first.cycles];
  for (const name of Object.keys(first.knobs)) {
    const options = [...new Set(own.map(({ knobs }) => knobs[name]))].slice(0, MOST_OPTIONS);
    const settings = options.map((option) => ({ ...best, [name]: option }));
    for (const knobs of settings) {
      const found = cycles.get(pointText({ schedule, knobs }));
      if (found === undefined || knobs[name] === best[name]) continue;
      tried.push(found);
      if (found < least) [best, least] = [knobs, found];
    }
  }
  return tried;
}

/** Best of the table over the best of the first `count` tried: 1 is as good as can be. */
export function bestAfter(tried, oracle, count) {
  return Math.min(...tried.slice(0, count)) / oracle;
}

/** Trials until one is within a part of the oracle; infinity where none is. */
export function trialsTo(tried, oracle, part) {
  const at = tried.findIndex((cycles) => cycles <= oracle * (1 + part));
  return at < 0 ? Number.POSITIVE_INFINITY : at + 1;
}
