import { didYouMean } from "../../support/text.ts";
import { queueAddressRefused } from "./queue-failures.ts";
import type { NamedServer } from "./server/named-server.ts";

/** Where a queue is, on a Redis server. */
export interface RedisAddress extends NamedServer {
  readonly kind: "redis";
  /** With user and password: never printed. */
  readonly url: string;
}

/** Where a queue is, in a database of a PostgreSQL server. What is absent is taken from PGUSER and PGPASSWORD, as psql does. */
export interface PostgresAddress extends NamedServer {
  readonly kind: "postgres";
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  /** Never printed. */
  readonly password?: string;
  readonly database: string;
  readonly tls: Tls;
}

/** As `sslmode` says: none, whoever answers, or who has a certificate for that host's name. */
export type Tls = "disable" | "require" | "verify-full";

export type QueueAddress = RedisAddress | PostgresAddress;

const TLS: readonly Tls[] = ["disable", "require", "verify-full"];
const READERS: Readonly<Record<string, (url: URL) => QueueAddress>> = {
  "redis:": redisAddress,
  "rediss:": redisAddress,
  "postgres:": postgresAddress,
  "postgresql:": postgresAddress,
};

/**
 * Reads `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://...` for TLS, or
 * `postgres://[USER:PASSWORD@]HOST[:PORT]/DATABASE[?sslmode=MODE]`. Throws C371, which shows nothing of a text that may hold a
 * password.
 */
export function queueAddress(text: string): QueueAddress {
  // of `user:password@host` the user would look like a kind of server
  const url = /^[a-z]+:\/\//i.test(text) ? parsed(text) : null;
  if (url === null) throw queueAddressRefused("it is no address");
  const { protocol, hostname } = url;
  const read = Object.hasOwn(READERS, protocol) ? READERS[protocol] : undefined;
  if (read === undefined) throw queueAddressRefused(anotherKind(protocol));
  if (hostname === "") throw queueAddressRefused("it names no host");
  return read(url);
}

function anotherKind(protocol: string): string {
  const close = didYouMean(protocol, Object.keys(READERS));
  const hint = close === undefined ? "" : `; did you mean \`${close}//\`?`;
  return `\`${protocol.slice(0, 20)}//\` is another kind of server${hint}`;
}

function redisAddress({ href, protocol, hostname, port, pathname, search, hash }: URL): RedisAddress {
  if (search !== "" || hash !== "") throw queueAddressRefused("nothing may follow `?` or `#`");
  if (!/^(\/\d{0,4})?$/.test(pathname)) throw queueAddressRefused("a database is a number: /0, /1, ...");
  const database = pathname.length > 1 ? pathname : "";
  return { kind: "redis", url: href, shown: `${protocol}//${hostname}:${port || "6379"}${database}` };
}

function postgresAddress(url: URL): PostgresAddress {
  const { hostname, pathname, searchParams, hash } = url;
  if (!/^\/[^/]+$/.test(pathname))
    throw queueAddressRefused("it names no database: postgres://HOST/DATABASE");
  const { sslmode = "disable", ...others } = Object.fromEntries(searchParams);
  const tls = TLS.find((mode) => mode === sslmode);
  if (tls === undefined || Object.keys(others).length > 0 || hash !== "")
    throw queueAddressRefused(`what may follow is \`?sslmode=\` and one of ${TLS.join(", ")}`);
  const [user, password, database] = [url.username, url.password, pathname.slice(1)].map(decoded);
  const port = Number(url.port || 5432);
  return {
    ...{ kind: "postgres", host: hostname.replace(/^\[|\]$/g, ""), port, tls, database: database ?? "" },
    ...(user && { user }),
    ...(password && { password }),
    shown: `postgres://${hostname}:${port}${pathname}`,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw queueAddressRefused("a `%` in it begins no character: `%25` is one of its own");
  }
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
