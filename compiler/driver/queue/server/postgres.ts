import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ClientConfig, QueryResultRow } from "pg";
import { UserError } from "../../../support/diagnostic.ts";
import { inTime } from "../../../support/in-time.ts";
import type { PostgresAddress } from "../queue-address.ts";
import { queueFails, queueRefuses, queueTooOld, queueUnreachable } from "../queue-failures.ts";
import { bullPool } from "./bull-pool.ts";
import { makeWhatIsMissing } from "./made-meanwhile.ts";
import { isBroken, patience } from "./patience.ts";
import { makeTable, postgresStore, type Query } from "./postgres-store.ts";
import type { Presence } from "./presence.ts";
import type { OpenServerOptions, QueueServer } from "./queue-server.ts";

const LEAST_VERSION = 13;
/** Connections for what is soon answered. */
const MOST_CONNECTIONS = 4;
/** How long what is under way may take when the link is closed. */
const LEAVE_MS = 300;

/**
 * Connects to a PostgreSQL server, and makes what a queue needs there: `tilewright.kept`, and BullMQ's schema `bullmq`. Throws
 * D191, D192, D193, D199.
 */
export async function openPostgres(
  address: PostgresAddress,
  { signal, deadline, presence }: OpenServerOptions,
): Promise<QueueServer> {
  const { default: pg } = await import("pg");
  const { createPostgresBackend } = await import("bullmq");
  const sockets = new Set<Socket>();
  const config = configOf(address, deadline.ms, sockets);
  const connect = async (prepare = async (_: Client): Promise<void> => {}): Promise<Watched> => {
    const client = new pg.Client(config);
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    client.on("error", () => {}); // "end" follows
    await client.connect();
    await prepare(client);
    return { client, ended };
  };
  const prepared = (): Promise<Watched> => connect((client) => prepareFor(client, address));
  const breakAll = (): void => sockets.forEach((socket) => void socket.destroy());
  signal.addEventListener("abort", breakAll, { once: true });
  const first = await inTime(prepared(), { deadline })
    .catch((error: unknown) => {
      breakAll();
      signal.throwIfAborted();
      throw whyNotOpen(address, error, error instanceof pg.DatabaseError);
    })
    .finally(() => signal.removeEventListener("abort", breakAll));
  const over = new AbortController();
  const watching = watch(first, prepared, presence, over.signal);
  const pool = new pg.Pool({ ...config, max: MOST_CONNECTIONS }).on("error", () => {});
  const patiently = patience(presence, over.signal);
  const query: Query = <R extends QueryResultRow>(text: string, values: readonly unknown[]) =>
    patiently(() => pool.query<R>(text, [...values]));
  const bull = bullPool(query, async () => (await connect()).client, patiently);
  return {
    store: postgresStore(query),
    backend: (name, opts, more) => createPostgresBackend(name, { ...opts, connection: bull }, more),
    refusal: (error) => (error instanceof pg.DatabaseError && !isBroken(error) ? error.message : undefined),
    close: async () => {
      if (over.signal.aborted) return;
      over.abort();
      await inTime(pool.end(), { deadline: { ms: LEAVE_MS, error: () => new Error("still busy") } }).catch(
        breakAll,
      );
      breakAll();
      await watching;
    },
  };
}

interface Watched {
  readonly client: Client;
  /** It is not connected any more. */
  readonly ended: Promise<void>;
}

function configOf(address: PostgresAddress, connectMs: number, sockets: Set<Socket>): ClientConfig {
  const { host, port, user, password, database, tls } = address;
  const ssl = { disable: false, require: { rejectUnauthorized: false }, "verify-full": { host } }[tls];
  const stream = (): Socket => {
    const socket = new Socket();
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  return {
    ...{ host, port, database, ssl, stream, connectionTimeoutMillis: connectMs },
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...{ keepAlive: true, keepAliveInitialDelayMillis: 10_000, application_name: "tilewright" },
    options: "-c search_path=bullmq",
  };
}

/** Throws D193, and what the server says. */
async function prepareFor(client: Client, address: PostgresAddress): Promise<void> {
  const { rows } = await client.query<{ readonly number: number; readonly text: string }>(
    "select current_setting('server_version_num')::int as number, current_setting('server_version') as text",
  );
  const [version] = rows;
  if (version === undefined || version.number < 10_000 * LEAST_VERSION)
    throw queueTooOld(address, version?.text ?? "?", LEAST_VERSION);
  const query: Query = <R extends QueryResultRow>(text: string, values: readonly unknown[]) =>
    client.query<R>(text, [...values]);
  await makeWhatIsMissing(() => makeTable(query));
  const { assertSchemaCompatibility, DEFAULT_SCHEMA, LATEST_SCHEMA_VERSION, runMigrations } = await import(
    "bullmq"
  );
  const known = { skipVersionCheck: true };
  const there = await assertSchemaCompatibility(client, DEFAULT_SCHEMA, known).catch((error: unknown) => {
    if (error instanceof Error && error.name === "SchemaMigrationRequiredError") return 0;
    throw error;
  });
  if (there < LATEST_SCHEMA_VERSION)
    await makeWhatIsMissing(() => runMigrations(client, DEFAULT_SCHEMA, known));
}

/** Tells whether the server is there, by one connection that is opened again and again. */
async function watch(
  first: Watched,
  again: () => Promise<Watched>,
  presence: Presence,
  over: AbortSignal,
): Promise<void> {
  let now: Watched | undefined = first;
  over.addEventListener("abort", () => void now?.client.end().catch(() => {}), { once: true });
  for (let tries = 1; !over.aborted; tries++) {
    if (now !== undefined) {
      await now.ended;
      if (over.aborted) return;
      presence.away();
      tries = 1;
    }
    await sleep(Math.min(50 * tries, 1000), undefined, { signal: over }).catch(() => {});
    now = over.aborted ? undefined : await again().catch(() => undefined);
    if (now !== undefined) presence.back();
  }
  await now?.client.end();
}

/** `said`: the server's own words. */
function whyNotOpen(address: PostgresAddress, error: unknown, said: boolean): UserError {
  if (error instanceof UserError) return error;
  const { message, code } = error as Error & { readonly code?: string };
  const text = (message || String(code)).slice(0, 300);
  if ((said && code?.startsWith("28")) || text.includes("password must be a string"))
    return queueRefuses(address, text);
  const isIn = (error as Error).name === "SchemaVersionMismatchError" || (said && !isBroken(error));
  // 3D000: no such database; 53300: too many connections
  if (isIn && code !== "3D000" && code !== "53300") return queueFails(address, text, error);
  return queueUnreachable(address, text, error);
}
