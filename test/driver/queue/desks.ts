import { setTimeout as sleep } from "node:timers/promises";
import type { WatchTimes } from "../../../compiler/driver/queue/board-watch.ts";
import type { Desk, DeskAbout } from "../../../compiler/driver/queue/desk.ts";
import { joinQueue } from "../../../compiler/driver/queue/join-queue.ts";
import { openQueue, type QueueLink } from "../../../compiler/driver/queue/open-queue.ts";
import { queueAddress } from "../../../compiler/driver/queue/queue-address.ts";
import type { ToldAnswer } from "../../../compiler/driver/queue/queue-answer.ts";
import { type QueueJob, readJob } from "../../../compiler/driver/queue/queue-job.ts";
import { serveQueue } from "../../../compiler/driver/queue/serve-queue.ts";
import { tuneQueued } from "../../../compiler/driver/queue/tune-queued.ts";
import { listDesks } from "../../../compiler/driver/queue/worker-list.ts";
import { openTuneLog, type Place } from "../../../compiler/driver/tune/tune-record.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { compilerBuild } from "../../../compiler/support/compiler-build.ts";
import { contentKey } from "../../../compiler/support/stable.ts";
import { PLACE, smallPlan } from "../tune/layers.ts";

export const target = loadTarget("rpi4");
export const planned = smallPlan();
export const forever: AbortSignal = new AbortController().signal;
export const quiet = (): void => {};

/** The depthwise layer, and whatever costs of it. */
export const HOW = { strategy: "learned", seed: 7, layers: (name: string) => name === "conv2d2" } as const;

export interface MadeUpDesk extends Desk {
  /** Kernels that it was asked for, job by job. */
  readonly asked: (readonly string[])[];
}

/** A desk that makes up cycles; `before` may throw, or wait, ahead of an answer. */
export function madeUpDesk({
  place = {},
  board,
  pool,
  kind,
  before = async () => {},
  slots = 1,
}: {
  readonly place?: Partial<Place>;
  readonly board?: string;
  readonly pool?: string;
  readonly kind?: DeskAbout["kind"];
  readonly before?: (job: QueueJob, signal: AbortSignal) => Promise<void>;
  readonly slots?: number;
} = {}): MadeUpDesk {
  const asked: string[][] = [];
  const places = [{ ...PLACE, ...(board !== undefined && { board: pool ?? board }), ...place }];
  const about: DeskAbout = {
    ...{ build: compilerBuild(), targetKey: contentKey(target), places, slots },
    ...(kind !== undefined && { kind }),
  };
  return {
    about: board === undefined ? about : { ...about, board },
    asked,
    perform: async (data, signal) => {
      const job = readJob(data);
      if (typeof job === "string") return { version: 1, kind: "refused", why: job };
      await before(job, signal);
      const names = job.wanted.map((i) => job.kernels[i]?.kernel ?? "");
      asked.push(names);
      return {
        ...{ version: 1, kind: "told", board: board ?? job.place.board },
        told: job.wanted.map((kernel, i) => ({ kernel, outcome: costOf(names[i] ?? "", job) })),
        codes: job.kernels.map(({ kernel }) => `code of ${kernel}`),
      };
    },
    close: async () => {},
  };
}

/** A little at random, by name. */
function costOf(name: string, { place: { kind } }: QueueJob): ToldAnswer["told"][number]["outcome"] {
  const n = 1000 + (Number.parseInt(contentKey(name).slice(0, 6), 16) % 1000);
  if (kind === "modelled") return { outcome: "ok", cost: { kind, cycles: n } };
  return { outcome: "ok", cost: { kind, ns: [n, n, n], reference: [1500, 1500, 1500] } };
}

export const linkTo = (url: string, answersIn?: number): Promise<QueueLink> =>
  openQueue(queueAddress(url), { signal: forever, ...(answersIn !== undefined && { answersIn }) });

/** Serves a desk until it is stopped. */
export async function serving(url: string, desk: Desk, leaseMs = 1500, times?: WatchTimes) {
  const stop = new AbortController();
  const link = await openQueue(queueAddress(url), { signal: stop.signal });
  const notes: string[] = [];
  const served = serveQueue(desk, {
    ...{ link, leaseMs, signal: stop.signal, ...(times !== undefined && { times }) },
    notice: (text) => void notes.push(text),
  });
  let failed: unknown;
  served.catch((error: unknown) => {
    failed = error;
  });
  /** Until others can see it. */
  const listed = async (): Promise<void> => {
    while (failed === undefined && !(await listDesks(link)).some(({ board }) => board === desk.about.board))
      await sleep(20);
  };
  await listed();
  return {
    notes,
    served,
    listed,
    /** As `kill -9` does: nothing is heard of it any more. */
    vanish: () => void link.close(),
    end: async () => {
      stop.abort();
      await served.catch(quiet);
      await link.close();
    },
  };
}

export interface TunedOver {
  readonly url: string;
  readonly file: string;
  readonly trials?: number;
  readonly board?: string;
  readonly patience?: number;
  readonly threads?: number;
  readonly onTrial?: () => void;
}

/** Tunes the layer by whoever serves a queue. */
export async function tunedOver({
  url,
  file,
  trials = 40,
  board,
  patience,
  threads = 1,
  onTrial = quiet,
}: TunedOver) {
  const notes: string[] = [];
  const link = await openQueue(queueAddress(url), { signal: forever, patience: patience ?? 3 });
  try {
    const joined = await joinQueue(link, target, {
      ...{ target: planned.target, threads, signal: forever },
      ...{ notice: (text: string) => void notes.push(text), patience: patience ?? 3 },
      ...(board !== undefined && { board }),
    });
    const log = await openTuneLog(file, quiet);
    try {
      const { meter, place } = joined;
      const report = await tuneQueued(planned, () => [], {
        ...{ ...HOW, place, meter, log, signal: forever, onProgress: onTrial },
        budget: { trials, seconds: Number.POSITIVE_INFINITY },
      });
      return { report, notes };
    } finally {
      await log.close();
      await joined.close();
    }
  } finally {
    await link.close();
  }
}
