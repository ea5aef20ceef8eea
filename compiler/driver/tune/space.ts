import type { Target } from "../../machine/target.schema.ts";
import { type Choice, type Choose, chosen, preferred } from "../../schedule/choose.ts";
import type { ScheduleOptions } from "../../schedule/schedule.ts";
import { takeAgain } from "../../schedule/take-again.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { Rng } from "../../support/rng.ts";
import { operator, pickedSchedule, runSchedule, taskKnobs } from "../../task/compile-task.ts";
import { finishingOf, otherFinishes } from "../../task/finishing.ts";
import type { Task } from "../../task/task.ts";
import type { Point } from "./candidate.ts";

/** A schedule with some of its knobs set, and how far from the default that is: each step down a knob's options is one. */
interface Prefix extends Point {
  readonly rank: number;
  /** The knobs that it asks for, where that is known. */
  readonly asked?: readonly Choice[];
}

/** Another schedule than the one that the sizes ask for comes behind the nearest settings of that one. */
const OTHER_SCHEDULE = 3;

/**
 * Every setting of every schedule that can compute a task on a target, nearest to the default first, which is the first;
 * settings as near keep the order of schedules and options. Knobs may hang on others: what is listed is what a run of the
 * schedule asks for. Found as they are taken: a space has hundreds of points, each of which takes some milliseconds.
 */
export function* spaceOf(task: Task, target: Target): Generator<Point, void, void> {
  /** By rank: what is to be looked into. */
  const open: Prefix[][] = [];
  const add = (prefix: Prefix): void => {
    open[prefix.rank] ??= [];
    open[prefix.rank].push(prefix);
  };
  for (const [i, schedule] of schedulesOf(task, target).entries())
    add({ schedule, knobs: {}, rank: i === 0 ? 0 : OTHER_SCHEDULE });
  for (let rank = 0; rank < open.length; rank++) {
    const level = open[rank] ?? [];
    for (let next = level.shift(); next !== undefined; next = level.shift()) {
      const { schedule, knobs } = next;
      const asked = next.asked ?? run(task, target, schedule, chosen(knobs))?.knobs;
      if (asked === undefined) continue;
      const below = settingsBelow(next, asked);
      if (below.length === 0) yield { schedule, knobs };
      for (const [i, prefix] of below.entries()) add({ ...prefix, rank: rank + i });
    }
  }
}

/** How many points of a task's space each of its schedules has. */
export function countSpace(task: Task, target: Target): ReadonlyMap<string, number> {
  const options = { take: takeAgain() };
  // settings that differ in the last knobs follow each other: they have most of their steps in common
  const count = (prefix: Omit<Prefix, "rank">): number => {
    const asked = prefix.asked ?? run(task, target, prefix.schedule, chosen(prefix.knobs), options)?.knobs;
    if (asked === undefined) return 0;
    const below = settingsBelow(prefix, asked);
    return below.length === 0 ? 1 : below.reduce((sum, next) => sum + count(next), 0);
  };
  const counts = schedulesOf(task, target).map(
    (schedule) => [schedule, count({ schedule, knobs: {} })] as const,
  );
  return new Map(counts.filter(([, points]) => points > 0));
}

/** The schedules of a task's operator, what its sizes ask for first. */
function schedulesOf(task: Task, target: Target): readonly string[] {
  const picked = pickedSchedule(task, target);
  return [picked, ...Object.keys(operator(task.op).schedules).filter((name) => name !== picked)];
}

/** One more knob set, to each of its options; none where all are. The first is what was taken when it was not set. */
function settingsBelow(
  { schedule, knobs }: Point,
  asked: readonly Choice[],
): readonly Omit<Prefix, "rank">[] {
  const knob = asked.find(({ name }) => !Object.hasOwn(knobs, name));
  return (knob?.options ?? []).map((option, i) => {
    const set = { schedule, knobs: { ...knobs, [knob?.name ?? ""]: option } };
    return i === 0 ? { ...set, asked } : set;
  });
}

/**
 * The settings that differ from a point by one step of one knob; others stay as far as they can. Behind them the same point finished
 * otherwise, which is of no listed space: that is worth a trial for the best alone, and takes no more than compiling.
 */
export function* neighbours(task: Task, target: Target, { schedule, knobs }: Point): Generator<Point> {
  const asked = run(task, target, schedule, chosen(knobs))?.knobs;
  if (asked === undefined) return;
  for (const { name, options } of asked) {
    const at = options.indexOf(knobs[name]);
    for (const option of [options[at - 1], options[at + 1]]) {
      if (option === undefined) continue;
      const moved = nearPoint(task, target, { schedule, knobs: { ...knobs, [name]: option } });
      if (moved !== undefined) yield moved;
    }
  }
  for (const finished of otherFinishes(knobs, taskKnobs(task, target, { schedule, choices: knobs })))
    yield { schedule, knobs: finished };
}

/** A point of the task with these settings, as far as it has them; undefined where the operator has no such schedule, or that refuses it. */
export function nearPoint(task: Task, target: Target, { schedule, knobs }: Point): Point | undefined {
  if (!Object.hasOwn(operator(task.op).schedules, schedule)) return undefined;
  const wished: Choose = (knob, of) => of.find((o) => o === knobs[knob]) ?? preferred(knob, of);
  const made = run(task, target, schedule, wished);
  return made && { schedule, knobs: { ...made.taken, ...finishingOf(knobs) } };
}

/** A point drawn at random, knob by knob; undefined where the schedule that was drawn cannot compute the task. */
export function randomPoint(task: Task, target: Target, rng: Rng): Point | undefined {
  const schedules = Object.keys(operator(task.op).schedules);
  const schedule = schedules[rng.int(schedules.length)];
  const drawn: Choose = (name, options) =>
    options.length === 0 ? preferred(name, options) : options[rng.int(options.length)];
  const made = run(task, target, schedule, drawn);
  return made && { schedule, knobs: made.taken };
}

/** What a schedule asks for and takes; undefined where it refuses the task, or the choices. */
function run(
  task: Task,
  target: Target,
  schedule: string,
  choose: Choose,
  options?: ScheduleOptions,
): ReturnType<typeof runSchedule> | undefined {
  try {
    return runSchedule(task, target, schedule, choose, options);
  } catch (error) {
    if (error instanceof UserError && error.diagnostic.exit === "illegalSchedule") return undefined;
    throw error;
  }
}
