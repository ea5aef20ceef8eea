import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "bullmq";
import type { Place } from "../tune/tune-record.ts";
import { type QueueLink, unlessLost } from "./open-queue.ts";
import { readAnswer, type ToldAnswer } from "./queue-answer.ts";
import { noWorker } from "./queue-failures.ts";
import { jobData, jobKey, type QueueJob } from "./queue-job.ts";
import { queueWords, readWords } from "./queue-words.ts";
import type { AnyQueue } from "./server/queue-server.ts";
import { listDesks, queueName } from "./worker-list.ts";

export interface QueueJobsOptions {
  readonly link: QueueLink;
  readonly queue: AnyQueue;
  readonly place: Place;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
  /** Seconds without any worker; default 60. */
  readonly patience?: number;
}

const POLL_MS = 50;
const LOOK_MS = 2000;
/** What nobody fetches is forgotten after a day. */
const KEPT = { age: 86_400, count: 10_000 };

/** What became of a job: what a worker told, or why it ended every worker that took it. */
export type Done = { readonly answer: ToldAnswer } | { readonly deadly: string };

/** Jobs that are done by whoever serves a queue. */
export interface QueueJobs {
  /**
   * Puts a job into the queue, unless it is there, and waits for what a worker finds; one that vanishes with its server is put
   * there again. Throws D194, D195, D197, D198.
   */
  done(job: QueueJob): Promise<Done>;
  /** Takes out results that are logged, and jobs that nobody waits for any more; what is being done is let be. */
  forget(): Promise<void>;
}

/** `waiting`: throws where nobody has served the queue for too long. */
export function queueJobs(options: QueueJobsOptions, waiting: () => Promise<void>): QueueJobs {
  const { link, queue, place, signal } = options;
  const ids = new Set<string>();
  const done = async (job: QueueJob): Promise<Done> => {
    const { Job: Jobs } = await import("bullmq");
    const data = jobData(job);
    const id = jobKey(data);
    const look = (): Promise<Job | undefined> => unlessLost(link, Jobs.fromId(queue, id));
    const add = { jobId: id, attempts: 3, removeOnComplete: KEPT, removeOnFail: KEPT };
    // what has failed before, for somebody else as well, is tried anew
    if (!ids.has(id)) await look().then((before) => (isFailed(before) ? before?.remove() : undefined));
    ids.add(id);
    for (;;) {
      signal.throwIfAborted();
      const now = await look();
      if (isFailed(now)) return { deadly: (now?.failedReason ?? "nobody knows why").slice(0, 500) };
      if (now?.finishedOn !== undefined)
        return { answer: readAnswer(readWords(now.returnvalue), job, place.kind) };
      if (now === undefined) await unlessLost(link, queue.add("race", queueWords(data), add));
      await unlessLost(link, waiting());
      await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    }
  };
  const forget = async (): Promise<void> => {
    for (const id of ids) if (!link.lost.aborted) await unlessLost(link, queue.remove(id)).catch(() => {});
  };
  return { done, forget };
}

function isFailed(job: Job | undefined): boolean {
  return job?.finishedOn !== undefined && (job.returnvalue === null || job.returnvalue === undefined);
}

/** Looks now and then whether a queue is served. Throws D195 when nobody has for too long. */
export function waitingForWorkers(options: QueueJobsOptions): () => Promise<void> {
  const { link, queue, place, notice, patience = 60 } = options;
  let looked = performance.now();
  let alone: number | undefined;
  return async () => {
    const now = performance.now();
    if (now - looked < LOOK_MS) return;
    looked = now;
    const desks = (await listDesks(link)).filter((desk) => queueName(desk) === queue.name);
    if (desks.some(({ quarantine }) => quarantine === undefined)) {
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
function placeText({ board, core, kind }: Place): string {
  return kind === "modelled" ? `the model of ${core}` : `\`${board}\``;
}
