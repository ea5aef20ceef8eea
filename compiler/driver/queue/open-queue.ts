import type { Redis } from "ioredis";
import { plainText } from "../../device/plain-text.ts";
import { UserError } from "../../support/diagnostic.ts";
import { inTime } from "../../support/in-time.ts";
import type { QueueAddress } from "./queue-address.ts";
import { queueFails, queueLost, queueRefuses, queueTooOld, queueUnreachable } from "./queue-failures.ts";

/** A connection to a queue's server. It is opened again by itself when it breaks. */
export interface QueueLink {
  readonly redis: Redis;
  /** The address as people may read it. */
  readonly shown: string;
  /** Aborted, with D194 as its reason, when the server was away for too long. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

export interface OpenQueueOptions {
  readonly signal: AbortSignal;
  /** Seconds that the server may be away; default: for ever. */
  readonly patience?: number;
  /** Seconds that the server may take to answer at first; default 10. */
  readonly answersIn?: number;
  /** Told when the server is away, and back. */
  readonly notice?: (text: string) => void;
}

/** What all keys begin with. */
export const PREFIX = "tilewright";
const LEAST_VERSION = 5;

/** Connects to a queue's server. Throws D191, D192, D193. */
export async function openQueue(address: QueueAddress, options: OpenQueueOptions): Promise<QueueLink> {
  const { Redis: Client } = await import("ioredis");
  const { signal, patience = Number.POSITIVE_INFINITY, notice = () => {}, answersIn = 10 } = options;
  const connectMs = 1000 * answersIn;
  const silent = (): Error => new Error(`nothing was said for ${answersIn} s`);
  const deadline = { ms: connectMs, error: silent };
  let isOpen = false;
  const redis = new Client(address.url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    // what is asked while the server is away waits for it
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isOpen ? Math.min(50 * times, 1000) : null),
  });
  let said: unknown;
  redis.on("error", (error) => {
    said = error;
  });
  const stop = (): void => redis.disconnect();
  signal.addEventListener("abort", stop, { once: true });
  try {
    await inTime(redis.connect(), { deadline });
    checkVersion(address.shown, await inTime(redis.info("server"), { deadline }));
  } catch (error) {
    redis.disconnect();
    signal.throwIfAborted();
    throw whyNotOpen(address.shown, said ?? error, error);
  } finally {
    signal.removeEventListener("abort", stop);
  }
  isOpen = true;
  const watched = watchLink(redis, address.shown, patience, notice);
  const close = async (): Promise<void> => {
    watched.stop();
    redis.disconnect();
  };
  return { redis, shown: address.shown, lost: watched.lost, close };
}

/** What is asked of the server; rejects as soon as it is given up. Throws D194, and D199 where it refuses. */
export async function unlessLost<T>({ lost, shown }: QueueLink, work: Promise<T>): Promise<T> {
  try {
    return await inTime(work, { abort: { signal: lost, error: () => lost.reason as Error } });
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError")
      throw queueFails(shown, plainText(error.message).slice(0, 300), error);
    throw error;
  }
}

function watchLink(redis: Redis, shown: string, patience: number, notice: (text: string) => void) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isAway = false;
  const onClose = (): void => {
    if (isAway) return;
    isAway = true;
    notice(`the queue at \`${shown}\` is lost; waiting for it`);
    if (!Number.isFinite(patience)) return;
    timer = setTimeout(() => {
      controller.abort(queueLost(shown, patience));
      redis.disconnect();
    }, patience * 1000);
  };
  const onReady = (): void => {
    clearTimeout(timer);
    if (isAway) notice(`the queue at \`${shown}\` is back`);
    isAway = false;
  };
  redis.on("close", onClose);
  redis.on("ready", onReady);
  const stop = (): void => {
    clearTimeout(timer);
    redis.off("close", onClose);
    redis.off("ready", onReady);
  };
  return { lost: controller.signal, stop };
}

function checkVersion(shown: string, info: string): void {
  const version = /^redis_version:(\d+)(\.[\d.]*)?/m.exec(info);
  if (version === null) throw queueUnreachable(shown, "what answers there is no Redis server", undefined);
  if (Number(version[1]) < LEAST_VERSION)
    throw queueTooOld(shown, `${version[1]}${version[2] ?? ""}`, LEAST_VERSION);
}

function whyNotOpen(shown: string, said: unknown, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const text = said instanceof Error ? said.message || String(Reflect.get(said, "code")) : String(said);
  if (/\b(NOAUTH|WRONGPASS|NOPERM)\b|invalid password|without any password/i.test(text))
    return queueRefuses(shown, text.slice(0, 300));
  return queueUnreachable(shown, text.slice(0, 300), error);
}
