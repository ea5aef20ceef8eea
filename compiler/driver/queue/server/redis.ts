import { UserError } from "../../../support/diagnostic.ts";
import { inTime } from "../../../support/in-time.ts";
import type { RedisAddress } from "../queue-address.ts";
import { queueRefuses, queueTooOld, queueUnreachable } from "../queue-failures.ts";
import { type OpenServerOptions, PREFIX, type QueueServer } from "./queue-server.ts";
import { redisStore } from "./redis-store.ts";

const LEAST_VERSION = 5;

/** Connects to a Redis server. Throws D191, D192, D193. */
export async function openRedis(address: RedisAddress, options: OpenServerOptions): Promise<QueueServer> {
  const { Redis: Client } = await import("ioredis");
  const { createRedisBackend } = await import("bullmq");
  const { signal, deadline, presence } = options;
  let isOpen = false;
  const redis = new Client(address.url, {
    lazyConnect: true,
    connectTimeout: deadline.ms,
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
    checkVersion(address, await inTime(redis.info("server"), { deadline }));
  } catch (error) {
    redis.disconnect();
    signal.throwIfAborted();
    throw whyNotOpen(address, said ?? error, error);
  } finally {
    signal.removeEventListener("abort", stop);
  }
  isOpen = true;
  redis.on("close", presence.away);
  redis.on("ready", presence.back);
  return {
    store: redisStore(redis),
    backend: (name, opts, more) => {
      const ours = { ...opts, connection: redis, prefix: PREFIX, skipVersionCheck: true };
      return createRedisBackend(name, ours, more);
    },
    refusal: (error) => (error instanceof Error && error.name === "ReplyError" ? error.message : undefined),
    close: async () => {
      // neither is a connection that BullMQ made of this one opened again
      isOpen = false;
      redis.disconnect();
    },
  };
}

function checkVersion(address: RedisAddress, info: string): void {
  const version = /^redis_version:(\d+)(\.[\d.]*)?/m.exec(info);
  if (version === null) throw queueUnreachable(address, "what answers there is no Redis server", undefined);
  if (Number(version[1]) < LEAST_VERSION)
    throw queueTooOld(address, `${version[1]}${version[2] ?? ""}`, LEAST_VERSION);
}

function whyNotOpen(address: RedisAddress, said: unknown, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const text = said instanceof Error ? said.message || String(Reflect.get(said, "code")) : String(said);
  if (/\b(NOAUTH|WRONGPASS|NOPERM)\b|invalid password|without any password/i.test(text))
    return queueRefuses(address, text.slice(0, 300));
  return queueUnreachable(address, text.slice(0, 300), error);
}
