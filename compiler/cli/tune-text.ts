import type { DecidedPlan } from "../driver/decide/decided-plan.ts";
import { pointText } from "../driver/tune/candidate.ts";
import { type Contest, contestSteps } from "../driver/tune/contests.ts";
import { countSpace } from "../driver/tune/space.ts";
import { bestCost, type Settled, savedBy, savedPart } from "../driver/tune/standings.ts";
import type { TuneReport } from "../driver/tune/tune-network.ts";
import type { Place } from "../driver/tune/tune-record.ts";
import type { TuneTable } from "../driver/tune/tune-table.ts";
import { type TunedTask, tuneTasks } from "../driver/tune/tune-tasks.ts";
import { counted, someOf } from "../support/text.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";
import { type EnergyAnswer, tuneEnergyText } from "./tune-energy.ts";

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** What a tune found: a line for each kernel, the whole, and what was refused. */
export async function tuneText(
  { tasks, contests, untried, trials, seconds, finished }: TuneReport,
  place: Place,
  colors: Terminal["outColors"],
  energy?: EnergyAnswer | undefined,
): Promise<string> {
  const modelled = place.kind === "modelled";
  const unit = modelled ? "k cycles" : "us";
  const amount = (cost: number): string => (cost / 1000).toFixed(1);
  const rows = tasks.map(({ layer, op, count, state }) => {
    const { cost, ratio, trials: tried, best, reference } = state;
    return [
      layer,
      op,
      count === 0 ? "other" : String(count),
      amount(cost),
      amount(bestCost(state)),
      best === reference ? "" : percent(1 - ratio.median),
      String(tried),
      best === reference ? "as estimated" : pointText(best.point),
      ...(modelled
        ? []
        : [best === reference ? "" : `${percent(1 - ratio.high)} to ${percent(1 - ratio.low)}`]),
    ];
  });
  const head = ["layer", "operator", "times", unit, "tuned", "gain", "trials", "schedule"];
  // what is modelled is exact
  const surely = modelled ? [] : ["surely"];
  const whole = tasks.reduce((sum, { count, state }) => sum + count * state.cost, 0);
  const gained = savedPart(tasks, contests);
  const changed = tasks.filter(({ state }) => state.best !== state.reference).length;
  const what = modelled
    ? `${place.core}, modelled${checkedOn(place)}`
    : `${place.board}, measured, ${counted(place.threads, "thread")}`;
  const total = modelled ? `${(whole / 1e6).toFixed(2)} million cycles` : `${(whole / 1e6).toFixed(2)} ms`;
  return [
    await plainTable([...head, ...surely], rows, [2, 3, 4, 5, 6]),
    "",
    colors.bold(
      `${what}: ${percent(gained)} of ${total} saved, ${changed} of ${tasks.length} kernels changed`,
    ),
    `${trials} trials now, ${seconds.toFixed(0)} s${finished ? "" : "; the budget ended before the search"}${untried.length === 0 ? "" : `; ${untried.length} kernels not tried yet`}`,
    ...contestLines(contests),
    ...tuneEnergyText(energy),
    ...faultLines(tasks),
  ].join("\n");
}

/** Where results of modelled kernels were checked, unless the board's name says it. */
function checkedOn({ board, target }: Place): string {
  if (board.startsWith("table:")) return `, as recorded in ${board.slice("table:".length)}`;
  return board === target ? "" : `, results checked on ${board}`;
}

/** Convolutions that another algorithm computes in less, equal ones in one line. */
function contestLines(contests: readonly Settled[]): string[] {
  const layers = new Map<string, string[]>();
  for (const contest of contests) {
    const [[estimated, own]] = contest.costs;
    if (contest.chosen === estimated) continue;
    const said = `${contest.chosen} saves ${percent(savedBy(contest) / own)} of ${estimated}`;
    layers.set(said, [...(layers.get(said) ?? []), contest.layer]);
  }
  return [...layers].map(([said, of]) => `${said}: ${someOf(of)}`);
}

function faultLines(tasks: readonly TunedTask[]): string[] {
  return tasks.flatMap(({ layer, state }) =>
    [...state.faults].map(
      ([fault, count]) => `${layer}: ${count} ${count === 1 ? "candidate" : "candidates"}: ${fault}`,
    ),
  );
}

/** The same for machines; costs are nanoseconds, or cycles where they are modelled. */
export function tuneJson(report: TuneReport, place: Place, log: string, energy?: EnergyAnswer): unknown {
  return {
    place,
    log,
    trials: report.trials,
    seconds: report.seconds,
    finished: report.finished,
    saved: savedPart(report.tasks, report.contests),
    kernels: report.tasks.map(({ layer, op, count, state }) => ({
      layer,
      op,
      count,
      cost: state.cost,
      bound: state.bound,
      ratio: state.ratio,
      trials: state.trials,
      faults: Object.fromEntries(state.faults),
      changed: state.best !== state.reference,
      ...state.best.point,
      kernel: state.best.kernel.name,
      reference: state.reference.kernel.name,
    })),
    algorithms: report.contests.map(({ layer, chosen, costs }) => ({
      layer,
      chosen,
      costs: Object.fromEntries(costs),
    })),
    untried: report.untried.map(({ layer }) => layer),
    ...(energy !== undefined && { energy }),
  };
}

/** How many points there are for each kernel, by schedule. */
export async function spaceText(
  { plan, target }: DecidedPlan,
  contests: readonly Contest[],
  layers: (name: string) => boolean,
): Promise<string> {
  const tasks = tuneTasks(plan.steps, contestSteps(contests), layers);
  return spaceTable(tasks.map(({ task, ...rest }) => ({ ...rest, counts: countSpace(task, target) })));
}

/** The same of a table of recorded results. */
export async function recordedSpaceText(
  { tasks }: TuneTable,
  layers: (name: string) => boolean,
): Promise<string> {
  return spaceTable(
    tasks
      .filter(({ layer }) => layers(layer))
      .map(({ points, ...rest }) => ({ ...rest, counts: tally(points.map(({ schedule }) => schedule)) })),
  );
}

async function spaceTable(
  tasks: readonly {
    readonly layer: string;
    readonly op: string;
    readonly counts: ReadonlyMap<string, number>;
  }[],
): Promise<string> {
  const rows = tasks.map(({ layer, op, counts }) => {
    const total = [...counts.values()].reduce((a, b) => a + b, 0);
    const each = [...counts].map(([schedule, count]) => `${schedule} ${count}`).join(", ");
    return [layer, op, String(total), each];
  });
  return plainTable(["layer", "operator", "points", "schedules"], rows, [2]);
}

function tally(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
