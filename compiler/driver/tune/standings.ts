import type { Contest, Contestant } from "./contests.ts";
import type { TaskState } from "./tune-task.ts";
import type { Running, TunedTask } from "./tune-tasks.ts";

/** A convolution whose algorithms have all been tried. */
export interface Settled {
  readonly layer: string;
  readonly key: string;
  readonly chosen: string;
  /** Of each algorithm with its best kernels: nanoseconds or cycles; the estimate's comes first. */
  readonly costs: ReadonlyMap<string, number>;
}

/** A task not looked at may save so much; one that is, so much of what its last batch did, or a little. */
const UNSEEN_GAIN = 0.2;
const NEXT_GAIN = 0.5;
const LEAST_GAIN = 0.01;
/** An algorithm that costs so many times the best, before it is tuned further, is given up. */
const GIVEN_UP = 1.15;
/** The estimate's algorithm stays unless another gains so much. */
const WORTH_CHANGING = 0.01;

/** Where the next batch is likely to save most; tasks not tried yet come in order, as what they cost is not known. */
export function mostPromising(open: readonly Running[]): Running | undefined {
  const unseen = open.find(({ search }) => search.state === undefined);
  const [best] = open
    .filter(({ search }) => search.state !== undefined)
    .sort((a, b) => worthOf(b) - worthOf(a));
  if (unseen === undefined || best === undefined) return unseen ?? best;
  const largest = Math.max(
    ...open.map(({ search: { state } }) => (state === undefined ? 0 : bestCost(state))),
  );
  return worthOf(best) > UNSEEN_GAIN * largest ? best : unseen;
}

/** Tasks to choose from while one is measured: not that one before anything is known of it, unless it is the last. */
export function openBeside(open: readonly Running[], measured: Running | undefined): readonly Running[] {
  const others = open.filter((task) => task !== measured || task.search.state !== undefined);
  return others.length > 0 ? others : open;
}

function worthOf({ count, search: { state } }: Running): number {
  if (state === undefined) return 0;
  const best = bestCost(state);
  const likely = best * Math.max(LEAST_GAIN, NEXT_GAIN * state.lastGain);
  return Math.max(1, count) * Math.min(likely, best - state.bound);
}

/** Whether a task is only of algorithms that others are far ahead of. */
export function isOutOfContest(
  task: Running,
  contests: readonly Contest[],
  running: readonly Running[],
): boolean {
  if (task.count > 0) return false;
  const costs = costsBy(running);
  return contests.every(({ algorithms }) => {
    const known = algorithms.map((contestant) => totalOf(contestant, costs));
    const least = Math.min(...known.map((cost) => cost ?? Number.POSITIVE_INFINITY));
    return algorithms.every(({ workloads }, i) => {
      const cost = known[i];
      const takesPart = workloads.includes(task.workload);
      return !takesPart || (cost !== undefined && cost > GIVEN_UP * least);
    });
  });
}

/** What a contest comes to; none where an algorithm was not tried. */
export function settleContest(
  { layer, key, algorithms }: Contest,
  running: readonly Running[],
): readonly Settled[] {
  const known = costsBy(running);
  const costs = new Map<string, number>();
  for (const contestant of algorithms) {
    const cost = totalOf(contestant, known);
    if (cost === undefined) return [];
    costs.set(contestant.algorithm, cost);
  }
  const [[estimated, own]] = costs;
  const [best, least] = [...costs].reduce((a, b) => (b[1] < a[1] ? b : a));
  const chosen = least <= own * (1 - WORTH_CHANGING) ? best : estimated;
  return [{ layer, key, chosen, costs }];
}

/** Nanoseconds or cycles of a task's best. */
export function bestCost({ cost, ratio }: TaskState): number {
  return cost * ratio.median;
}

function costsBy(running: readonly Running[]): ReadonlyMap<string, number> {
  return new Map(
    running.flatMap(({ workload, search: { state } }) =>
      state === undefined ? [] : [[workload, bestCost(state)] as const],
    ),
  );
}

/** Of all steps of an algorithm; undefined where one was not tried. */
function totalOf({ workloads }: Contestant, costs: ReadonlyMap<string, number>): number | undefined {
  let total = 0;
  for (const workload of workloads) {
    const cost = costs.get(workload);
    if (cost === undefined) return undefined;
    total += cost;
  }
  return total;
}

/** Part of what the kernels of the network's plan cost by default that their best, and other algorithms, save. */
export function savedPart(
  tasks: readonly Pick<TunedTask, "count" | "state">[],
  contests: readonly Settled[] = [],
): number {
  const whole = tasks.reduce((sum, { count, state }) => sum + count * state.cost, 0);
  const best = tasks.reduce((sum, { count, state }) => sum + count * bestCost(state), 0);
  const byAlgorithm = contests.reduce((sum, contest) => sum + savedBy(contest), 0);
  return whole > 0 ? 1 - (best - byAlgorithm) / whole : 0;
}

/** What a contest's winner saves of what the estimate's algorithm costs with its best kernels. */
export function savedBy({ chosen, costs }: Settled): number {
  const [[, own]] = costs;
  return own - (costs.get(chosen) ?? own);
}
