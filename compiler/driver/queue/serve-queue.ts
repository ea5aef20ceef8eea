import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "bullmq";
import { caller } from "../../device/lock-holder.ts";
import { UserError } from "../../support/diagnostic.ts";
import { differenceIn, unequalBoards } from "../boards/equal-boards.ts";
import { isBoardsFault } from "../boards/spread.ts";
import { type BoardClaim, claimBoard } from "./board-claim.ts";
import { type BoardWatch, type WatchTimes, watchBoard } from "./board-watch.ts";
import type { Desk } from "./desk.ts";
import type { QueueLink } from "./open-queue.ts";
import { queueWords, readWords } from "./queue-words.ts";
import type { AnyWorker } from "./server/queue-server.ts";
import { type Announced, announce, listDesks, queueName, withdraw } from "./worker-list.ts";

export interface ServeOptions {
  readonly link: QueueLink;
  /** How long this worker's jobs and boards stay its own when nothing is heard of it. */
  readonly leaseMs: number;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
  /** How often its board is looked at. */
  readonly times?: WatchTimes;
}

/** Workers that may be lost with a job before it is given up, and how often it may be begun in all. */
const MOST_STALLED = 2;
const MOST_BEGUN = 20;

/**
 * Does the jobs of a queue at a desk until the signal comes: then those under way go back to the queue at once. A job whose
 * worker is lost goes back when its lease ends. A board gets jobs only while it is well. Throws D196 where the desk's board is
 * another worker's, D184 where boards of its name are of another kind, D199.
 */
export async function serveQueue(desk: Desk, options: ServeOptions): Promise<void> {
  const { link, leaseMs, signal } = options;
  const { about } = desk;
  const holder = { worker: caller(), id: randomUUID() };
  const claim = about.board === undefined ? undefined : await claimBoard(link, about.board, holder, leaseMs);
  await refuseUnequal(desk, link).catch(async (error: unknown) => {
    await claim?.release();
    throw error;
  });
  const counts = { busy: 0, done: 0 };
  const since = Date.now();
  let bull: AnyWorker | undefined;
  const beat = async (): Promise<void> => {
    await claim?.renew();
    await announce(link, announcement(desk, { ...holder, since, ...counts }, watch), leaseMs);
  };
  const told = (): void => void beat().catch(() => {}); // the next beat says why
  const watch = watchBoard(
    desk,
    link,
    (quarantine) => changed(quarantine, bull, desk, options),
    options.times,
  );
  try {
    await beat();
    bull = await openWorker(desk, counts, { watch, told }, options);
    if (watch.now.quarantine === undefined) bull.resume();
    while (!signal.aborted) {
      const looked = watch.look();
      await Promise.race([looked, sleep(leaseMs / 3, undefined, { signal }).catch(() => {})]);
      await beat();
      await sleep(leaseMs / 3, undefined, { signal }).catch(() => {});
    }
  } finally {
    await endServing(bull, claim, holder.id, options);
  }
}

/** Throws D184 where others that do the same jobs have a board of another kind. */
async function refuseUnequal({ about }: Desk, link: QueueLink): Promise<void> {
  for (const { board, kind = {}, ...other } of await listDesks(link)) {
    const difference =
      queueName(other) === queueName(about) ? differenceIn(kind, about.kind ?? {}) : undefined;
    if (difference !== undefined) throw unequalBoards(board ?? "", about.board ?? "", difference);
  }
}

function announcement(
  { about }: Desk,
  told: Pick<Announced, "id" | "worker" | "since" | "busy" | "done">,
  { now }: BoardWatch,
): Announced {
  const { slots, places, build, targetKey, board, kind } = about;
  return {
    ...{ version: 1, build, targetKey, places: [...places], slots, ...told, ...now },
    ...(board !== undefined && { board }),
    ...(kind !== undefined && { kind }),
  };
}

/** Takes jobs while the board is well, and none while it is in quarantine. */
function changed(
  quarantine: string | undefined,
  bull: AnyWorker | undefined,
  { about }: Desk,
  { signal, notice }: ServeOptions,
): void {
  if (signal.aborted) return;
  const board = `\`${about.board}\``;
  notice(
    quarantine === undefined
      ? `${board} is well, and takes jobs`
      : `${board} is in quarantine: ${quarantine}`,
  );
  if (quarantine === undefined) bull?.resume();
  else bull?.pause(true).catch(() => {});
}

async function openWorker(
  desk: Desk,
  counts: { busy: number; done: number },
  { watch, told }: { readonly watch: BoardWatch; readonly told: () => void },
  { link, leaseMs, signal, notice }: ServeOptions,
): Promise<AnyWorker> {
  const bullmq = await import("bullmq");
  const perform = async (job: Job, token?: string): Promise<string> => {
    counts.busy++;
    told();
    try {
      const answer = await desk.perform(readWords(job.data), signal);
      counts.done++;
      if (answer.kind !== "told")
        notice(`job ${job.id}: ${answer.kind}: ${"title" in answer ? answer.title : answer.why}`);
      return queueWords(answer);
    } catch (error) {
      if (!signal.aborted && !isBoardsFault(error)) throw error;
      if (job.attemptsStarted >= MOST_BEGUN)
        throw new bullmq.UnrecoverableError(`it was begun ${MOST_BEGUN} times`);
      if (error instanceof UserError) watch.suspect(error);
      await job.moveToWait(token);
      throw new bullmq.WaitingError();
    } finally {
      counts.busy--;
      if (!signal.aborted) told();
    }
  };
  const settings = {
    connection: {},
    autorun: false,
    concurrency: desk.about.slots,
    lockDuration: leaseMs,
    stalledInterval: leaseMs,
    maxStalledCount: MOST_STALLED,
  };
  const worker = new bullmq.Worker(queueName(desk.about), perform, settings, link.backend);
  // the link tells of a server that is away; one that refuses would do so each moment
  const refusals = new Set<string>();
  worker.on("error", (error) => {
    const said = link.refusal(error);
    if (said === undefined || refusals.has(said)) return;
    notice(`warning: the queue's server says: ${said}`);
    refusals.add(said);
  });
  worker.on("failed", (job, error) => notice(`job ${job?.id ?? "?"} failed: ${error.message}`));
  return worker;
}

async function endServing(
  bull: AnyWorker | undefined,
  claim: BoardClaim | undefined,
  id: string,
  { link }: ServeOptions,
): Promise<void> {
  // of a server that is given up nothing comes any more: jobs that are under way return when their leases end
  const closing = bull?.close(link.lost.aborted).catch(() => {});
  if (link.lost.aborted) return;
  await closing;
  await claim?.release().catch(() => {});
  await withdraw(link, id).catch(() => {});
}
