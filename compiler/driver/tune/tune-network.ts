import type { Kernel } from "../../artifact/kernel.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { makeRng } from "../../support/rng.ts";
import { sha256 } from "../../support/stable.ts";
import { targetOf } from "../../task/halves.ts";
import { cheapPart } from "../decide/cheap-run.ts";
import type { DecidedPlan } from "../decide/decided-plan.ts";
import { takeBatches } from "./batches.ts";
import type { Named, Space } from "./candidate.ts";
import { type Contest, contestSteps } from "./contests.ts";
import { type Hint, hintsOf } from "./hints.ts";
import { leastCost } from "./least-cost.ts";
import { noLessons } from "./lessons.ts";
import { loggedMeasure, samePlace } from "./logged-measure.ts";
import type { Meter } from "./meter.ts";
import { partFirst } from "./part-first.ts";
import { type Before, proposals } from "./propose.ts";
import {
  isOutOfContest,
  mostPromising,
  openBeside,
  type Settled,
  savedPart,
  settleContest,
} from "./standings.ts";
import type { Strategy } from "./strategy-names.ts";
import { type TaskData, taskData } from "./task-data.ts";
import { taskSpace } from "./task-space.ts";
import type { Place, TuneLine, TuneLog } from "./tune-record.ts";
import { TaskSearch } from "./tune-task.ts";
import { type NetworkTask, type Running, type TunedTask, type TuneTask, tuneTasks } from "./tune-tasks.ts";

/** When a tune ends, if it is not through before: what is measured now counts, what the log has does not. */
export interface Budget {
  /** Candidates, exactly; measuring the best once more is none. */
  readonly trials: number;
  /** The batch under way is ended. */
  readonly seconds: number;
}
export interface TuneOptions<K extends Named = Kernel> {
  readonly place: Place;
  readonly meter: Meter<K>;
  readonly log: TuneLog;
  readonly budget: Budget;
  readonly strategy: Strategy;
  readonly seed: number;
  /** Records of other places, to be tried early and never taken for results; those of the log are known. */
  readonly hints?: readonly TuneLine[];
  /** Which layers; absent: all. */
  readonly layers?: ((name: string) => boolean) | undefined;
  readonly signal: AbortSignal;
  /** Seconds since some moment. */
  readonly clock?: () => number;
  readonly onProgress?: (progress: TuneProgress) => void;
}
export interface TuneProgress {
  readonly layer: string;
  readonly trials: number;
  /** Part of what the kernels tried so far cost by default that is saved, as far as is known. */
  readonly gain: number;
}

export interface TuneReport {
  readonly tasks: readonly TunedTask[];
  /** Convolutions whose algorithms were all tried. */
  readonly contests: readonly Settled[];
  /** Tasks that the budget did not reach. */
  readonly untried: readonly TuneTask[];
  /** Candidates measured now, and seconds that all of it took. */
  readonly trials: number;
  readonly seconds: number;
  /** Everything was tried that the search would try. */
  readonly finished: boolean;
}

/**
 * Tunes a network's kernels, and those of other algorithms for its convolutions. `contests` are asked for where they can be
 * decided. Throws what tuneSearches throws.
 */
export function tuneNetwork(
  planned: Pick<DecidedPlan, "plan" | "target">,
  contests: () => readonly Contest[],
  options: TuneOptions,
): Promise<TuneReport> {
  const { searches, open } = networkSearches(planned, contests, options);
  return tuneSearches(searches, open, options);
}

/** What is searched for a network's kernels at some place. */
export function networkSearches(
  { plan, target }: Pick<DecidedPlan, "plan" | "target">,
  contests: () => readonly Contest[],
  { place, layers }: Pick<TuneOptions, "place" | "layers">,
): {
  readonly searches: readonly (Searched<Kernel> & NetworkTask)[];
  readonly open: readonly Contest[];
} {
  // kernels of one algorithm are timed in turns, those of another at another time: what drifts between would decide
  const exact = place.kind === "modelled" ? contests() : [];
  const open = exact.filter(({ layer }) => layers?.(layer) ?? true);
  const searches = tuneTasks(plan.steps, contestSteps(open), layers).map((task) => ({
    ...task,
    space: taskSpace(task.task, target),
    bound: leastCost(task, targetOf(task.task, target), place),
    part: place.kind === "modelled" ? cheapPart(task.op, task.task.dims) : undefined,
    data: () => taskData(task.task),
  }));
  return { searches, open };
}

/** A task, what is searched for it, and what its kernels are checked with. */
export interface Searched<K extends Named> extends TuneTask {
  readonly space: Space<K>;
  /** What no kernel can cost less than; 0: not known. */
  readonly bound: number;
  /** Of the grid, so much is run first; absent: all of it at once. */
  readonly part?: number | undefined;
  readonly data: () => TaskData;
}

/**
 * Tunes tasks: batches go where most is to be won, until nothing promises more or the budget is spent; then the winners are
 * made sure of and logged. Going on from a log measures nothing twice. Throws R153, and what measuring throws.
 */
export async function tuneSearches<K extends Named>(
  tasks: readonly Searched<K>[],
  open: readonly Contest[],
  options: TuneOptions<K>,
): Promise<TuneReport> {
  const { budget, signal, onProgress, clock = () => performance.now() / 1000 } = options;
  const began = clock();
  let trials = 0;
  const before = { lessons: noLessons(), hints: hintsFor(tasks, options) };
  const running = tasks.map(
    ({ space, data, bound, part, ...task }): Running => ({
      ...task,
      search: searchOf({ ...task, space, data, bound, part }, options, before, () => trials++),
    }),
  );
  const isOpen = (task: Running): boolean =>
    !task.search.state?.closed && !isOutOfContest(task, open, running);
  const tell = (layer: string): void =>
    onProgress?.({ layer, trials, gain: savedPart(running.flatMap(tuned)) });
  await takeBatches({
    ahead: options.meter.ahead,
    next: (measured) => mostPromising(openBeside(running.filter(isOpen), measured)),
    isOver: () => {
      signal.throwIfAborted();
      return trials >= budget.trials || clock() - began >= budget.seconds;
    },
    take: async ({ search, layer }, batch) => {
      tell(layer);
      await search.take(batch, budget.trials - trials);
    },
    conclude: (task) => conclude(task, options),
  });
  const finished = !running.some(isOpen);
  for (const task of running.filter(({ search }) => search.state?.closed === false)) {
    signal.throwIfAborted();
    tell(task.layer);
    await conclude(task, options);
  }
  const settled = open.flatMap((contest) => settleContest(contest, running));
  for (const contest of settled) await logContest(contest, options);
  return {
    tasks: running.flatMap(tuned),
    contests: settled,
    untried: running.flatMap(({ search, ...task }) => (search.state === undefined ? [task] : [])),
    trials,
    seconds: clock() - began,
    finished,
  };
}

function tuned({ search: { state }, ...task }: Running): readonly TunedTask[] {
  return state === undefined ? [] : [{ ...task, state }];
}

function searchOf<K extends Named>(
  { space, data, bound, part, workload, op, dims }: Searched<K>,
  { place, meter, log, strategy, seed }: TuneOptions<K>,
  before: Before,
  onTrial: () => void,
): TaskSearch<K> {
  const rng = makeRng(Number.parseInt(sha256(`${seed} ${workload}`).slice(0, 8), 16));
  const first = part === undefined ? "screen" : "part";
  const logged = loggedMeasure({ workload, op, dims }, data, place, meter, log, onTrial, first);
  const measure = part === undefined ? logged : partFirst(logged, part);
  const known = { ...before, task: { op, dims } };
  return new TaskSearch(proposals(space, strategy, rng, known), measure, bound);
}

/** What this very tune has written, before it was stopped, is none: going on is to be running again. */
function hintsFor(
  tasks: readonly TuneTask[],
  { log, place, hints = [] }: Pick<TuneOptions, "log" | "place" | "hints">,
): readonly Hint[] {
  const own = new Set(tasks.map(({ workload }) => workload));
  const others = log.lines.filter((line) => {
    const isOwn = line.kind === "winner" && own.has(line.workload) && samePlace(line.place, place);
    return !isOwn;
  });
  return hintsOf([...hints, ...others]);
}

/** Makes sure of a task's best and logs it. */
async function conclude(
  { workload, op, dims, search }: Running,
  { place, log }: Pick<TuneOptions, "place" | "log">,
): Promise<void> {
  await search.finish();
  const { state } = search;
  if (state === undefined) return;
  const { best, reference, ratio, cost, trials } = state;
  const isKnown = log.lines.some(
    (line) =>
      line.kind === "winner" &&
      line.workload === workload &&
      samePlace(line.place, place) &&
      line.kernel === best.kernel.name &&
      line.trials === trials,
  );
  if (isKnown) return;
  await log.append({
    kind: "winner",
    version: 1,
    place,
    ...{ workload, op, dims },
    schedule: best.point.schedule,
    knobs: { ...best.point.knobs },
    kernel: best.kernel.name,
    reference: reference.kernel.name,
    ratio: { ...ratio },
    cost,
    trials,
    build: compilerBuild(),
  });
}

async function logContest(
  { key, chosen, costs }: Settled,
  { place, log }: Pick<TuneOptions, "place" | "log">,
): Promise<void> {
  const line = {
    kind: "algorithm" as const,
    version: 1 as const,
    place,
    contest: key,
    algorithm: chosen,
    costs: Object.fromEntries(costs),
  };
  const last = log.lines.findLast(
    (l) => l.kind === "algorithm" && l.contest === key && samePlace(l.place, place),
  );
  const isKnown =
    last?.kind === "algorithm" &&
    JSON.stringify([last.algorithm, last.costs]) === JSON.stringify([chosen, line.costs]);
  if (!isKnown) await log.append(line);
}
