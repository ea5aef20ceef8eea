import { queueAddressRefused } from "./queue-failures.ts";

/** Where a queue is. */
export interface QueueAddress {
  /** With user and password: never printed. */
  readonly url: string;
  /** As people may read it: without them. */
  readonly shown: string;
}

/**
 * Reads `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://...` for TLS. Throws C371, which shows nothing of a text
 * that may hold a password.
 */
export function queueAddress(text: string): QueueAddress {
  // of `user:password@host` the user would look like a kind of server
  const url = /^[a-z]+:\/\//i.test(text) ? parsed(text) : null;
  if (url === null) throw queueAddressRefused("it is no address");
  const { protocol, hostname, port, pathname } = url;
  if (protocol !== "redis:" && protocol !== "rediss:")
    throw queueAddressRefused(`\`${protocol.slice(0, 20)}//\` is another kind of server`);
  if (hostname === "") throw queueAddressRefused("it names no host");
  if (url.search !== "" || url.hash !== "") throw queueAddressRefused("nothing may follow `?` or `#`");
  if (!/^(\/\d{0,4})?$/.test(pathname)) throw queueAddressRefused("a database is a number: /0, /1, ...");
  const database = pathname.length > 1 ? pathname : "";
  return { url: url.href, shown: `${protocol}//${hostname}:${port || "6379"}${database}` };
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
