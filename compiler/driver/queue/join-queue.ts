import { setMaxListeners } from "node:events";
import { listTargets } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { contentKey } from "../../support/stable.ts";
import type { Meter } from "../tune/meter.ts";
import type { Place } from "../tune/tune-record.ts";
import type { AskedKernel } from "./asked-kernel.ts";
import type { QueueLink } from "./open-queue.ts";
import { noWorker } from "./queue-failures.ts";
import { queueMeter } from "./queue-meter.ts";
import { listDesks, placeServed, servedName, whyUnfit } from "./worker-list.ts";

export interface JoinOptions {
  /** With the instruction set that kernels are made for. */
  readonly target: Target;
  /** As its worker names it; absent: the model of the target's core. */
  readonly board?: string | undefined;
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
  /** Seconds without any worker; default 60. */
  readonly patience?: number;
}

/** A queue that kernels are measured over. */
export interface JoinedQueue {
  readonly meter: Meter<AskedKernel>;
  readonly place: Place;
  close(): Promise<void>;
}

/** Workers that are named to somebody who finds none that fits. */
const MOST_TOLD = 20;

/** Name of the target that a board is served as: of those that come with Tilewright, as others may write what they like. Throws D195. */
export async function servedTarget(link: QueueLink, board: string): Promise<string> {
  const desks = await listDesks(link);
  const known = listTargets();
  for (const desk of desks) {
    const [place] = desk.places;
    if (servedName(desk) === board && place !== undefined && known.includes(place.target))
      return place.target;
  }
  throw noWorker(
    `\`${board}\``,
    desks.slice(0, MOST_TOLD).map((desk) => {
      const served = servedName(desk);
      return `${desk.worker}: ${served === undefined ? "it has no board" : `it serves \`${served}\``}`;
    }),
  );
}

/** Finds workers of a queue that can measure kernels for a target, `whole` with all its instruction sets. Throws D195. */
export async function joinQueue(link: QueueLink, whole: Target, options: JoinOptions): Promise<JoinedQueue> {
  const { target, board, threads, signal } = options;
  // each part of a batch listens to them
  setMaxListeners(0, signal, link.lost);
  const wanted = {
    ...{ build: compilerBuild(), targetKey: contentKey(whole) },
    ...{ board, isa: target.isa.name, threads },
  };
  const desks = await listDesks(link);
  const served = placeServed(desks, wanted);
  if (served === undefined) {
    const what = board === undefined ? `the model of ${target.core.name} (${target.name})` : `\`${board}\``;
    throw noWorker(
      what,
      desks.slice(0, MOST_TOLD).map((desk) => `${desk.worker}: ${whyUnfit(desk, wanted) ?? "it fits"}`),
    );
  }
  const { Queue } = await import("bullmq");
  const queue = new Queue(served.queue, { connection: {} }, link.backend);
  queue.on("error", () => {}); // the link tells of a server that is away
  const { place } = served;
  return { meter: queueMeter({ ...options, link, queue, place }), place, close: () => queue.close() };
}
