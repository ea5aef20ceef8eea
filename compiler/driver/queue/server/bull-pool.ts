import { EventEmitter } from "node:events";
import type { PgPool, PgPoolClient } from "bullmq";
import type { Client } from "pg";
import type { Patiently } from "./patience.ts";
import type { Query } from "./postgres-store.ts";

/** What BullMQ asks connections of: never rejects because one broke. `connect`: opens one more connection. */
export function bullPool(query: Query, connect: () => Promise<Client>, patiently: Patiently): PgPool {
  const pool: PgPool = {
    query: (async (text, values = []) => query(text, values)) as PgPool["query"],
    connect: async () => listener(pool, connect, patiently),
    // the link closes them, and tells of a server that is away
    end: async () => {},
    on: () => pool,
    removeAllListeners: () => pool,
  };
  return pool;
}

/** Asks any connection, but listens on one of its own, which is opened for the first that it listens to. */
function listener(pool: PgPool, connect: () => Promise<Client>, patiently: Patiently): PgPoolClient {
  const events = new EventEmitter();
  let own: Promise<Client> | undefined;
  const lose = (): void => {
    own = undefined;
    if (events.listenerCount("error") > 0) events.emit("error", new Error("Connection terminated"));
  };
  const open = async (): Promise<Client> => {
    const client = await connect();
    client.on("notification", (message) => events.emit("notification", message));
    client.once("end", lose);
    return client;
  };
  const listen = async (text: string) => {
    own ??= open();
    try {
      return await (await own).query(text);
    } catch (error) {
      own = undefined;
      throw error;
    }
  };
  return Object.assign(events, {
    query: ((text, values) =>
      /^listen\b/im.test(text) ? patiently(() => listen(text)) : pool.query(text, values)) as PgPool["query"],
    release: () => {
      events.removeAllListeners();
      own?.then((client) => client.end()).catch(() => {});
    },
  });
}
