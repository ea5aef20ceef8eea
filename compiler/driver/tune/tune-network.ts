import type { Step } from "../../graph/plan.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { makeRng } from "../../support/rng.ts";
import { sha256 } from "../../support/stable.ts";
import type { Task } from "../../task/task.ts";
import type { DecidedPlan } from "../decide/decided-plan.ts";
import { loggedMeasure, samePlace, taskOf, workloadOf } from "./logged-measure.ts";
import type { Meter } from "./meter.ts";
import { proposals, type Strategy } from "./propose.ts";
import type { Place, TuneLog } from "./tune-record.ts";
import { TaskSearch, type TaskState } from "./tune-task.ts";

/** When a tune ends, if it is not through before: what is measured now counts, what the log has does not. */
export interface Budget {
  readonly trials: number;
  readonly seconds: number;
}
export interface TuneOptions {
  readonly place: Place;
  readonly meter: Meter;
  readonly log: TuneLog;
  readonly budget: Budget;
  readonly strategy: Strategy;
  readonly seed: number;
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
  /** Parts of the cost of all tuned layers that are saved so far, as far as is known. */
  readonly gain: number;
}

/** One task of a network: equal ones are tuned once. */
export interface TuneTask {
  readonly task: Task;
  /** The first of its layers, and how many steps it is. */
  readonly layer: string;
  readonly count: number;
}
/** What was found for one task. */
export interface TunedTask extends TuneTask {
  readonly state: TaskState;
}
export interface TuneReport {
  readonly tasks: readonly TunedTask[];
  /** Tasks that the budget did not reach. */
  readonly untried: readonly TuneTask[];
  /** Measured now, and seconds that took. */
  readonly trials: number;
  readonly seconds: number;
  /** Everything was tried that the search would try. */
  readonly finished: boolean;
}

/** Tasks of a network that are worth tuning, equal ones merged, those with most work first. */
export function tuneTasks(
  steps: readonly Step[],
  layers: (name: string) => boolean = () => true,
): readonly TuneTask[] {
  const found = new Map<string, { task: Task; layer: string; count: number; macs: number }>();
  for (const { layer, task, macs = 0 } of steps) {
    if (!layers(layer)) continue;
    const key = workloadOf(task);
    const known = found.get(key);
    if (known === undefined) found.set(key, { task, layer, count: 1, macs });
    else [known.count, known.macs] = [known.count + 1, known.macs + macs];
  }
  return [...found.values()].sort((a, b) => b.macs - a.macs).map(({ macs: _, ...task }) => task);
}

/**
 * Tunes a network's kernels: batches go where most is to be won, until nothing promises more or the budget is spent; then the
 * winners are made sure of and logged. Going on from a log measures nothing twice. Throws R153, and what measuring throws.
 */
export async function tuneNetwork({ plan, target }: DecidedPlan, options: TuneOptions): Promise<TuneReport> {
  const { place, meter, log, budget, signal, onProgress, clock = () => performance.now() / 1000 } = options;
  const began = clock();
  let trials = 0;
  const running = tuneTasks(plan.steps, options.layers).map((task) => {
    const measure = loggedMeasure(task.task, place, meter, log, () => trials++);
    const rng = makeRng(Number.parseInt(sha256(`${options.seed} ${workloadOf(task.task)}`).slice(0, 8), 16));
    const propose = proposals(task.task, target, options.strategy, rng);
    return { ...task, search: new TaskSearch(task.task, target, propose, measure) };
  });
  const isSpent = (): boolean => trials >= budget.trials || clock() - began >= budget.seconds;
  const tell = (layer: string): void => onProgress?.({ layer, trials, gain: gainOf(running) });
  for (let next = mostPromising(running); next !== undefined; next = mostPromising(running)) {
    signal.throwIfAborted();
    if (isSpent()) break;
    tell(next.layer);
    await next.search.batch();
    if (next.search.state?.closed) await conclude(next, options);
  }
  const finished = running.every(({ search }) => search.state?.closed);
  for (const task of running.filter(({ search }) => search.state?.closed === false)) {
    signal.throwIfAborted();
    tell(task.layer);
    await conclude(task, options);
  }
  return {
    tasks: running.flatMap(({ search: { state }, ...task }) =>
      state === undefined ? [] : [{ ...task, state }],
    ),
    untried: running.flatMap(({ search, ...task }) => (search.state === undefined ? [task] : [])),
    trials,
    seconds: clock() - began,
    finished,
  };
}

interface Running extends TuneTask {
  readonly search: TaskSearch;
}

/** A task not looked at may save so much; one that is, so much of what its last batch did, or a little. */
const UNSEEN_GAIN = 0.2;
const NEXT_GAIN = 0.5;
const LEAST_GAIN = 0.01;

/** Where the next batch is likely to save most; tasks not tried yet come in order, as what they cost is not known. */
function mostPromising(tasks: readonly Running[]): Running | undefined {
  const seen = tasks.filter(({ search }) => search.state !== undefined);
  const worth = ({ count, search: { state } }: Running): number =>
    state === undefined || state.closed
      ? 0
      : count * state.cost * state.ratio.median * Math.max(LEAST_GAIN, NEXT_GAIN * state.lastGain);
  const [best] = [...seen].filter(({ search }) => !search.state?.closed).sort((a, b) => worth(b) - worth(a));
  const unseen = tasks.find(({ search }) => search.state === undefined);
  if (unseen === undefined) return best;
  const expected =
    Math.max(0, ...seen.map(({ count, search }) => count * (search.state?.cost ?? 0))) * UNSEEN_GAIN;
  return best !== undefined && worth(best) > expected ? best : unseen;
}

/** Makes sure of a task's best and logs it. */
async function conclude({ task, search }: Running, { place, log }: TuneOptions): Promise<void> {
  await search.finish();
  const { state } = search;
  if (state === undefined) return;
  const { best, reference, ratio, cost, trials } = state;
  const { workload } = taskOf(task);
  const known = log.lines.some(
    (line) =>
      line.kind === "winner" &&
      line.workload === workload &&
      samePlace(line.place, place) &&
      line.kernel === best.kernel.name &&
      line.trials === trials,
  );
  if (known) return;
  await log.append({
    kind: "winner",
    version: 1,
    place,
    ...taskOf(task),
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

/** Part of what the tried tasks cost by default that their best save. */
function gainOf(tasks: readonly Running[]): number {
  return savedPart(
    tasks.flatMap(({ count, search: { state } }) => (state === undefined ? [] : [{ count, state }])),
  );
}

export function savedPart(tasks: readonly Pick<TunedTask, "count" | "state">[]): number {
  const whole = tasks.reduce((sum, { count, state }) => sum + count * state.cost, 0);
  const saved = tasks.reduce(
    (sum, { count, state }) => sum + count * state.cost * (1 - state.ratio.median),
    0,
  );
  return whole > 0 ? saved / whole : 0;
}
