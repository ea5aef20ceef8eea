import type { QueueLink } from "../driver/queue/open-queue.ts";
import type { TuneOptions } from "../driver/tune/tune-network.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import { ACCESS_NAMES, type AccessValues } from "./board-access.ts";
import type { Context } from "./command.ts";
import type { ReadingValues } from "./reading-options.ts";
import { makeSteps } from "./steps.ts";
import { layersOf } from "./tune-layers.ts";
import { planOf } from "./tune-plan.ts";
import { searched, tellProgress, tellTuned, tuningOn } from "./tune-search.ts";
import { badValue, unreadable } from "./usage-errors.ts";

interface Asked extends ReadingValues, AccessValues {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly queue: string;
  readonly board?: readonly string[] | undefined;
  readonly target?: string | undefined;
  readonly layer?: readonly string[] | undefined;
  readonly log?: string | undefined;
  readonly json?: boolean | undefined;
  readonly numerics?: Numerics | undefined;
  readonly "cool-down"?: string | undefined;
  readonly energy?: boolean | undefined;
  readonly meter?: string | undefined;
  readonly jobs?: number | undefined;
}
type Settings = Pick<TuneOptions, "budget" | "strategy" | "seed"> & { readonly threads: number };

/** Options that say what is done with a board, which is the workers' here. */
const OF_WORKERS = ["jobs", "cool-down", "energy", "meter", ...ACCESS_NAMES] as const;
/** Seconds that the queue's server may be away. */
const PATIENCE = 30;

/** `tune --queue`: the same search, of kernels that workers build and measure. */
export async function tuneOverQueue(
  values: Asked,
  { threads, ...settings }: Settings,
  context: Context,
): Promise<void> {
  const { terminal, signal } = context;
  const { board: boards = [] } = values;
  const idle = OF_WORKERS.find((name) => values[name] !== undefined && values[name] !== false);
  if (idle !== undefined) throw unreadable(`--${idle} is the worker's, where a queue is asked`, "tune");
  if (boards.length > 1)
    throw badValue("board", boards.join(" "), "one name: `worker --pool` gives it to several boards");
  const [board] = boards;
  const { queueAddress } = await import("../driver/queue/queue-address.ts");
  const { openQueue } = await import("../driver/queue/open-queue.ts");
  const address = queueAddress(values.queue);
  const steps = makeSteps(terminal);
  const link = await steps.run(`connecting to ${address.shown}`, () =>
    openQueue(address, { signal, patience: PATIENCE, notice: terminal.note }),
  );
  try {
    const wanted = await targetOf(link, board, values.target);
    const planned = await planOf(values, wanted, steps);
    const layers = layersOf(values.layer, planned.plan.steps);
    const model = values.words.MODEL ?? "";
    const { logFile } = await import("../driver/run/log-file.ts");
    const log = values.log ?? logFile("tune", model, board ?? `${wanted.name}-model`);
    const { joinQueue } = await import("../driver/queue/join-queue.ts");
    const { shippedRecords } = await import("../driver/tune/records/shipped-records.ts");
    const { tuneQueued } = await import("../driver/queue/tune-queued.ts");
    const { target } = planned;
    const options = { target, board, threads, signal, notice: terminal.note };
    const { meter, place, close } = await joinQueue(link, wanted, options);
    try {
      const hints = await shippedRecords();
      const search = { ...settings, layers, place, meter, hints, signal };
      const title = `${tuningOn(place)} by workers of ${address.shown}`;
      const report = await searched(title, log, terminal, (lines, say) =>
        tuneQueued(planned, planned.contests, { ...search, log: lines, onProgress: tellProgress(say) }),
      );
      const { json, numerics } = values;
      const told = { model, target: wanted.name, numerics, log, json };
      await tellTuned({ report, place }, told, terminal);
    } finally {
      await close();
    }
  } finally {
    await link.close();
  }
}

/** The target that is asked for, else the one that a board is served as. */
async function targetOf(
  link: QueueLink,
  board: string | undefined,
  wanted: string | undefined,
): Promise<Target> {
  const { loadTarget } = await import("../machine/load.ts");
  if (wanted !== undefined) return loadTarget(wanted);
  const { servedTarget } = await import("../driver/queue/join-queue.ts");
  return loadTarget(await servedTarget(link, board ?? ""));
}
