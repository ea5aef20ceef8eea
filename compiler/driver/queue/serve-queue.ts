import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job, Worker } from "bullmq";
import { caller } from "../../device/lock-holder.ts";
import { isBoardsFault } from "../boards/spread.ts";
import { type BoardClaim, claimBoard } from "./board-claim.ts";
import type { Desk } from "./desk.ts";
import { PREFIX, type QueueLink } from "./open-queue.ts";
import type { QueueAnswer } from "./queue-answer.ts";
import { type Announced, announce, queueName, withdraw } from "./worker-list.ts";

export interface ServeOptions {
  readonly link: QueueLink;
  /** How long this worker's jobs and boards stay its own when nothing is heard of it. */
  readonly leaseMs: number;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
}

/** Workers that may be lost with a job before it is given up. */
const MOST_STALLED = 2;

/**
 * Does the jobs of a queue at a desk until the signal comes: then those under way go back to the queue at once. A job whose
 * worker is lost goes back when its lease ends. Throws D196 where the desk's board is another worker's.
 */
export async function serveQueue(desk: Desk, options: ServeOptions): Promise<void> {
  const { link, leaseMs, signal, notice } = options;
  const { about } = desk;
  const id = randomUUID();
  const worker = caller();
  const claim =
    about.board === undefined ? undefined : await claimBoard(link, about.board, { worker, id }, leaseMs);
  const counts = { busy: 0, done: 0 };
  const since = Date.now();
  const tell = (): Promise<void> => {
    const { slots, places, build, targetKey, board } = about;
    const told: Announced = {
      ...{ version: 1, id, worker, build, targetKey, places: [...places], slots, since, ...counts },
      ...(board !== undefined && { board }),
    };
    return announce(link, told, leaseMs);
  };
  const bull = await openWorker(desk, counts, options);
  try {
    bull.run().catch((error: Error) => notice(`warning: ${error.message}`));
    await untilStopped(
      async () => {
        await claim?.renew();
        await tell();
      },
      leaseMs / 3,
      signal,
    );
  } finally {
    await endServing(bull, claim, id, options);
  }
}

async function openWorker(
  desk: Desk,
  counts: { busy: number; done: number },
  { link, leaseMs, signal, notice }: ServeOptions,
): Promise<Worker> {
  const bullmq = await import("bullmq");
  const perform = async (job: Job, token?: string): Promise<QueueAnswer> => {
    counts.busy++;
    try {
      const answer = await desk.perform(job.data, signal);
      counts.done++;
      if (answer.kind !== "told")
        notice(`job ${job.id}: ${answer.kind}: ${"title" in answer ? answer.title : answer.why}`);
      return answer;
    } catch (error) {
      if (!signal.aborted && !isBoardsFault(error)) throw error;
      await job.moveToWait(token);
      throw new bullmq.WaitingError();
    } finally {
      counts.busy--;
    }
  };
  const worker = new bullmq.Worker(queueName(desk.about), perform, {
    connection: link.redis,
    prefix: PREFIX,
    autorun: false,
    concurrency: desk.about.slots,
    lockDuration: leaseMs,
    stalledInterval: leaseMs,
    maxStalledCount: MOST_STALLED,
    skipVersionCheck: true,
  });
  // the link tells of a server that is away
  worker.on("error", () => {});
  worker.on("failed", (job, error) => notice(`job ${job?.id ?? "?"} failed: ${error.message}`));
  return worker;
}

/** Does something now and again, until the signal comes. */
async function untilStopped(beat: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await beat();
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

async function endServing(
  bull: Worker,
  claim: BoardClaim | undefined,
  id: string,
  { link }: ServeOptions,
): Promise<void> {
  await bull.close();
  await claim?.release().catch(() => {});
  await withdraw(link, id).catch(() => {});
}
