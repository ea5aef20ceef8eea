import { setTimeout as sleep } from "node:timers/promises";
import type { Job, Queue } from "bullmq";
import { defined } from "../../support/assert.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import type { Kernels, Meter, Prepared } from "../tune/meter.ts";
import type { Outcome } from "../tune/outcome.ts";
import type { Effort } from "../tune/race-kernels.ts";
import type { Place } from "../tune/tune-record.ts";
import type { AskedKernel } from "./asked-kernel.ts";
import { type QueueLink, unlessLost } from "./open-queue.ts";
import { readAnswer, type ToldAnswer } from "./queue-answer.ts";
import { noWorker } from "./queue-failures.ts";
import { jobData, jobKey } from "./queue-job.ts";
import { listDesks, queueName } from "./worker-list.ts";

export interface QueueMeterOptions {
  readonly link: QueueLink;
  readonly queue: Queue;
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
  /** Seconds without any worker; default 60. */
  readonly patience?: number;
}

/** Kernels of a job beside the reference: fewer are spread over more workers, more share a reference. */
const PART = { modelled: 2, measured: 4 } as const;
const POLL_MS = 50;
const LOOK_MS = 2000;
/** What is not fetched is forgotten after a day. */
const KEPT = { age: 86_400, count: 10_000 };

/** What became of a job: what a worker told, or that it ends every worker that takes it. */
type Done = { readonly answer: ToldAnswer } | { readonly deadly: string };

/**
 * Kernels that are built and measured by whoever serves a queue. A job's name is a key of all that it is: one that was done
 * before is not done again, and doing it twice harms nobody. Throws D194, D195, D197, D198.
 */
export function queueMeter(options: QueueMeterOptions): Meter<AskedKernel> {
  const { place } = options;
  const size = PART[place.kind];
  const patience = waitingForWorkers(options);
  return {
    // as where a board is measured here: a log made here is gone on with there
    ahead: place.kind === "measured",
    prepare: async (kernels) => prepareParts(kernels, size, options, patience),
  };
}

function prepareParts(
  kernels: Kernels<AskedKernel>,
  size: number,
  options: QueueMeterOptions,
  patience: () => Promise<void>,
): Prepared {
  const ids = new Set<string>();
  return {
    measure: async (wanted, effort, tell) => {
      const codes: (string | null)[] = [];
      const outcomes = new Map<number, Outcome>();
      const ask = asking(kernels, effort, options, patience, ids);
      const parts = partsOf(wanted, size).map((part) => ask(part));
      for (const part of parts) part.catch(() => {}); // all are waited for below
      try {
        // in their order, as what equal code was first found to be stands for all of it
        for (const part of parts) {
          const { found, codes: known } = await part;
          for (const [i, code] of known) codes[i] = code;
          for (const [i, outcome] of found) outcomes.set(i, outcome);
          for (const i of [...found.keys()].sort((a, b) => a - b))
            tell(i, withTwin(i, kernels, codes, outcomes));
        }
      } finally {
        await Promise.allSettled(parts);
      }
    },
    drop: async () => {
      for (const id of ids) await forget(id, options);
    },
  };
}

function partsOf(wanted: readonly number[], size: number): readonly (readonly number[])[] {
  const parts = Math.ceil(wanted.length / size);
  return Array.from({ length: parts }, (_, i) => wanted.slice(i * size, (i + 1) * size));
}

/** What was found of a kernel; of equal object code the first one's outcome stands for all, as in one program. */
function withTwin(
  i: number,
  kernels: Kernels<AskedKernel>,
  codes: readonly (string | null | undefined)[],
  outcomes: ReadonlyMap<number, Outcome>,
): Outcome {
  const own = defined(outcomes.get(i), "an outcome");
  const code = codes[i];
  const first = typeof code === "string" ? codes.indexOf(code) : i;
  if (first === i) return own;
  return { ...(outcomes.get(first) ?? own), sameAs: defined(kernels[first], "a kernel").name };
}

interface Found {
  readonly found: ReadonlyMap<number, Outcome>;
  readonly codes: ReadonlyMap<number, string | null>;
}

/** Asks for some kernels until something is known of each. */
function asking(
  kernels: Kernels<AskedKernel>,
  effort: Effort,
  options: QueueMeterOptions,
  patience: () => Promise<void>,
  ids: Set<string>,
): (wanted: readonly number[]) => Promise<Found> {
  const { place } = options;
  const [reference] = kernels;
  const ask = async (wanted: readonly number[]): Promise<Found> => {
    const found = new Map<number, Outcome>();
    const codes = new Map<number, string | null>();
    for (let left = wanted; left.length > 0; left = left.filter((i) => !found.has(i))) {
      const numbers = [0, ...left.filter((i) => i !== 0)];
      const data = jobData({
        build: compilerBuild(),
        place,
        task: reference.task,
        kernels: numbers.map((i) => pointOf(defined(kernels[i], "a kernel"))),
        wanted: left.map((i) => numbers.indexOf(i)),
        effort,
      });
      const done = await doneBy(
        data,
        left.map((i) => numbers.indexOf(i)),
        numbers.length,
        options,
        patience,
        ids,
      );
      if ("deadly" in done) {
        if (left.length === 1) return { found: new Map([[left[0] ?? 0, lostWith(done.deadly)]]), codes };
        const alone = await Promise.all(left.map((i) => ask([i])));
        for (const one of alone) {
          for (const [i, outcome] of one.found) found.set(i, outcome);
          for (const [i, code] of one.codes) codes.set(i, code);
        }
        continue;
      }
      const { answer } = done;
      const on = answer.board === place.board ? {} : { on: answer.board };
      for (const { kernel, outcome } of answer.told)
        found.set(defined(numbers[kernel], "a kernel"), { ...outcome, ...on });
      for (const [at, i] of numbers.entries()) codes.set(i, answer.codes[at] ?? null);
    }
    return { found, codes };
  };
  return ask;
}

function pointOf({ name, point }: AskedKernel) {
  return { schedule: point.schedule, knobs: { ...point.knobs }, kernel: name };
}

function lostWith(why: string): Outcome {
  return { outcome: "lost", why: `its job was given up: ${why}` };
}

/** Puts a job into the queue, unless it is there, and waits for it; one that vanishes with its server is put there again. */
async function doneBy(
  data: object,
  wanted: readonly number[],
  kernels: number,
  { link, queue, signal }: QueueMeterOptions,
  patience: () => Promise<void>,
  ids: Set<string>,
): Promise<Done> {
  const { Job: Jobs } = await import("bullmq");
  const id = jobKey(data);
  const isOld = !ids.has(id);
  ids.add(id);
  const look = (): Promise<Job | undefined> => unlessLost(link, Jobs.fromId(queue, id));
  // what has failed before, somebody else's failure among it, is tried anew
  if (isOld) await look().then((old) => (isFailed(old) ? old?.remove() : undefined));
  for (;;) {
    signal.throwIfAborted();
    const job = await look();
    if (isFailed(job)) return { deadly: (job?.failedReason ?? "nobody knows why").slice(0, 500) };
    if (job?.finishedOn !== undefined) return { answer: readAnswer(job.returnvalue, wanted, kernels) };
    if (job === undefined)
      await unlessLost(
        link,
        queue.add("race", data, { jobId: id, attempts: 3, removeOnComplete: KEPT, removeOnFail: KEPT }),
      );
    await unlessLost(link, patience());
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

function isFailed(job: Job | undefined): boolean {
  return job?.finishedOn !== undefined && (job.returnvalue === null || job.returnvalue === undefined);
}

/** Results that are logged, and jobs that nobody waits for, are taken out; what is being done is let be. */
async function forget(id: string, { link, queue }: QueueMeterOptions): Promise<void> {
  if (link.lost.aborted) return;
  await unlessLost(link, queue.remove(id)).catch(() => {});
}

/** Throws D195 when nobody has served the queue for too long. */
function waitingForWorkers({
  link,
  queue,
  place,
  notice,
  patience = 60,
}: QueueMeterOptions): () => Promise<void> {
  let looked = performance.now();
  let alone: number | undefined;
  return async () => {
    const now = performance.now();
    if (now - looked < LOOK_MS) return;
    looked = now;
    const desks = (await listDesks(link)).filter((desk) => queueName(desk) === queue.name);
    const ready = desks.filter(({ quarantine }) => quarantine === undefined);
    if (ready.length > 0) {
      alone = undefined;
      return;
    }
    if (alone === undefined) notice(`no worker serves ${placeText(place)} now; waiting for one`);
    alone ??= now;
    if (now - alone < patience * 1000) return;
    throw noWorker(
      placeText(place),
      desks.map(({ worker, quarantine = "" }) => `${worker}: in quarantine: ${quarantine}`),
    );
  };
}

/** A place as people name it. */
export function placeText({ board, core, kind }: Place): string {
  return kind === "modelled" ? `the model of ${core}` : `\`${board}\``;
}
