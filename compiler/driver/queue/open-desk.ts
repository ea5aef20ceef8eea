import pLimit from "p-limit";
import type { Kernel } from "../../artifact/kernel.ts";
import type { OpenBoardOptions } from "../../device/open-board.ts";
import { isLost } from "../../device/reopening.ts";
import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defined } from "../../support/assert.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";
import type { Task } from "../../task/task.ts";
import { type KindText, kindText } from "../boards/equal-boards.ts";
import { isBoardsFault } from "../boards/spread.ts";
import { placeThreads } from "../run/place-threads.ts";
import { samePlace } from "../tune/logged-measure.ts";
import type { Meter } from "../tune/meter.ts";
import { openMeter } from "../tune/open-meter.ts";
import type { Outcome } from "../tune/outcome.ts";
import { type TaskData, taskData } from "../tune/task-data.ts";
import type { Place } from "../tune/tune-record.ts";
import { checkBoard } from "./check-board.ts";
import { type Desk, failedAnswer } from "./desk.ts";
import { jobKernels } from "./job-kernels.ts";
import type { QueueAnswer } from "./queue-answer.ts";
import { type QueueJob, readJob } from "./queue-job.ts";

export interface DeskOptions {
  readonly target: Target;
  /** Opened already; absent: the model of the target's core. */
  readonly runner?: Runner | undefined;
  /** What the board is called by those who ask, as are others that are equal to it; default: its own name. */
  readonly pool?: string | undefined;
  readonly threads: number;
  /** C compilers at a time. */
  readonly jobs: number;
  readonly coolDownC?: number | undefined;
  readonly signal: AbortSignal;
  readonly notice: NonNullable<OpenBoardOptions["notice"]>;
  readonly cacheDir?: string;
}

/** What measures for one instruction set of a target. */
interface Bench {
  readonly target: Target;
  readonly meter: Meter;
  readonly place: Place;
}

/** Tasks whose data are kept: jobs of one come one after the other. */
const MOST_KEPT = 3;
const BUILT_AHEAD = 2;

/** A desk in this process. Throws what opening a meter throws. */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const { target, runner, signal } = options;
  const { threads, notice } = options;
  const placed = runner && (await placeThreads(runner, target, undefined, threads));
  for (const condition of placed?.conditions ?? []) notice(`warning: ${condition}`);
  const benches: Bench[] = [];
  for (const isa of [target.isa, ...(target.narrower ?? [])])
    benches.push(await openBench({ ...target, isa, narrower: [] }, placed?.cores, options));
  const places = benches.map(({ place }) => place);
  const kind = runner && (await kindOf(runner));
  const oneAtATime = pLimit(1);
  const keptTask = keepingTasks();
  return {
    about: {
      ...(runner !== undefined && { board: runner.board }),
      ...(kind !== undefined && { kind }),
      ...{ build: compilerBuild(), targetKey: contentKey(target), places },
      slots: places.every(({ kind }) => kind === "measured") ? BUILT_AHEAD : 1,
    },
    perform: async (data, stop) => {
      const job = readJob(data);
      if (typeof job === "string") return refused(job);
      if (job.build !== compilerBuild()) return refused("it is for another build of Tilewright");
      const bench = benches.find(({ place }) => samePlace(place, job.place));
      if (bench === undefined) return refused("it is for another board, core or C compiler");
      const task = keptTask(job.task);
      try {
        const kernels = jobKernels(job, task.task, bench.target);
        if (typeof kernels === "string") return refused(kernels);
        return await measured(job, kernels, task.data, bench, {
          board: runner?.board ?? bench.place.board,
          oneAtATime,
        });
      } catch (error) {
        stop.throwIfAborted();
        signal.throwIfAborted();
        if (error instanceof UserError && !isBoardsFault(error)) return failedAnswer(error);
        throw error;
      }
    },
    ...(runner !== undefined && {
      check: () => oneAtATime(() => checkBoard(runner, defined(benches[0], "an instruction set"))),
    }),
    close: async () => runner?.close(),
  };
}

async function openBench(
  target: Target,
  cores: readonly number[] | undefined,
  { runner, pool, threads, jobs, coolDownC, signal, notice, cacheDir }: DeskOptions,
): Promise<Bench> {
  const boards = runner === undefined ? [] : [{ runner, cores }];
  const watch = { coolDownC, onWait: notice };
  const options = { target, boards, threads, watch, notice, jobs, signal };
  const { meter, place } = await openMeter({ ...options, ...(cacheDir !== undefined && { cacheDir }) });
  return { target, meter, place: pool === undefined ? place : { ...place, board: pool } };
}

async function kindOf(runner: Runner): Promise<KindText> {
  const facts = (await runner.readFacts?.()) ?? { cores: [] };
  const state = (await runner.readState?.()) ?? { coreStates: [] };
  return kindText({ facts, state });
}

async function measured(
  { wanted, effort }: QueueJob,
  kernels: readonly [Kernel, ...Kernel[]],
  data: () => TaskData,
  { meter }: Bench,
  { board, oneAtATime }: { readonly board: string; readonly oneAtATime: ReturnType<typeof pLimit> },
): Promise<QueueAnswer> {
  const prepared = await meter.prepare(kernels, data, effort);
  const told = new Map<number, Outcome>();
  try {
    await oneAtATime(() => prepared.measure(wanted, (kernel, outcome) => told.set(kernel, outcome)));
  } catch (error) {
    // what was told before a board was lost counts, with the kernel that was running
    if (!isLost(error) || told.size === 0) throw error;
  } finally {
    await prepared.drop();
  }
  return {
    ...{ version: 1, kind: "told", board },
    told: [...told].map(([kernel, { sameAs, on, ...outcome }]) => ({ kernel, outcome: plain(outcome) })),
    codes: kernels.map((_, i) => prepared.codes?.[i] ?? null),
  };
}

function plain(outcome: Outcome): Extract<QueueAnswer, { kind: "told" }>["told"][number]["outcome"] {
  if (outcome.outcome !== "ok") return { outcome: outcome.outcome, why: outcome.why.slice(0, 10_000) };
  const { cost } = outcome;
  if (cost.kind === "modelled") return { outcome: "ok", cost: { kind: "modelled", cycles: cost.cycles } };
  return { outcome: "ok", cost: { kind: "measured", ns: [...cost.ns], reference: [...cost.reference] } };
}

function refused(why: string): QueueAnswer {
  return { version: 1, kind: "refused", why: why.slice(0, 10_000) };
}

interface KeptTask {
  readonly task: Task;
  readonly data: () => TaskData;
}

/** The same task again as the same object, with its data, which take long to compute. */
function keepingTasks(): (task: Task) => KeptTask {
  const kept = new Map<string, KeptTask>();
  return (task) => {
    const key = contentKey(task);
    let data: TaskData | undefined;
    const found = kept.get(key) ?? {
      task,
      data: () => {
        data ??= taskData(task);
        return data;
      },
    };
    kept.delete(key);
    kept.set(key, found);
    for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
    return found;
  };
}
