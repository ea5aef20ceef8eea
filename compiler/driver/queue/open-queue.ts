import { plainText } from "../../device/plain-text.ts";
import { inTime } from "../../support/in-time.ts";
import type { QueueAddress } from "./queue-address.ts";
import { queueFails } from "./queue-failures.ts";
import type { NamedServer } from "./server/named-server.ts";
import { openPostgres } from "./server/postgres.ts";
import { watchPresence } from "./server/presence.ts";
import type { OpenServerOptions, QueueServer } from "./server/queue-server.ts";
import { openRedis } from "./server/redis.ts";

/** A connection to a queue's server. It is opened again by itself when it breaks. */
export interface QueueLink extends QueueServer {
  readonly at: NamedServer;
  /** Aborted when the server was away for too long, with D194 as its reason, or while nobody waits for it any more. */
  readonly lost: AbortSignal;
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

/** Connects to a queue's server. Throws D191, D192, D193, D199. */
export async function openQueue(address: QueueAddress, options: OpenQueueOptions): Promise<QueueLink> {
  const { signal, patience = Number.POSITIVE_INFINITY, notice = () => {}, answersIn = 10 } = options;
  const silent = (): Error => new Error(`nothing was said for ${answersIn} s`);
  const presence = watchPresence(address, { signal, patience, notice });
  const opening = { signal, deadline: { ms: 1000 * answersIn, error: silent }, presence };
  const server = await openServer(address, opening).catch((error: unknown) => {
    presence.stop();
    throw error;
  });
  const close = async (): Promise<void> => {
    presence.stop();
    await server.close();
  };
  presence.lost.addEventListener("abort", () => void close());
  const { kind, shown } = address;
  return {
    ...server,
    at: { kind, shown },
    lost: presence.lost,
    close,
  };
}

function openServer(address: QueueAddress, options: OpenServerOptions): Promise<QueueServer> {
  switch (address.kind) {
    case "redis":
      return openRedis(address, options);
    case "postgres":
      return openPostgres(address, options);
  }
}

/** What is asked of the server; rejects as soon as it is given up. Throws D194, and D199 where it refuses. */
export async function unlessLost<T>({ lost, at, refusal }: QueueLink, work: Promise<T>): Promise<T> {
  try {
    return await inTime(work, { abort: { signal: lost, error: () => lost.reason as Error } });
  } catch (error) {
    const said = refusal(error);
    if (said !== undefined) throw queueFails(at, plainText(said).slice(0, 300), error);
    throw error;
  }
}
