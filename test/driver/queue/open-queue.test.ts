import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openQueue } from "../../../compiler/driver/queue/open-queue.ts";
import { queueAddress } from "../../../compiler/driver/queue/queue-address.ts";
import { messageOf } from "../../support/message.ts";
import { freePort, SERVERS, startRedis, type TestServer } from "../../support/queue-servers.ts";
import { linkTo, madeUpDesk, serving } from "./desks.ts";

const opened = (url: string, answersIn?: number): Promise<string> =>
  messageOf(async () => (await linkTo(url, answersIn)).close());

describe("an address of a queue", () => {
  test.each([
    ["redis://hub", "redis://hub:6379"],
    ["redis://me:secret@hub:7000/2", "redis://hub:7000/2"],
    ["rediss://:secret@[::1]:7000", "rediss://[::1]:7000"],
    ["postgres://hub/tunes", "postgres://hub:5432/tunes"],
    ["postgresql://me:secret@[::1]:7000/tunes?sslmode=verify-full", "postgres://[::1]:7000/tunes"],
  ])("%s is shown as %s", (text, shown) => {
    expect(queueAddress(text).shown).toBe(shown);
  });

  test.each([
    ["me:secret@hub", "it is no address"],
    ["farm secret", "it is no address"],
    ["amqp://me:secret@hub", "`amqp://` is another kind of server"],
    ["redis://me:secret@hub/first", "a database is a number: /0, /1, ..."],
    ["redis://me:secret@hub?tls=1", "nothing may follow `?` or `#`"],
    ["redis:secret", "it is no address"],
    ["redis://:secret@", "it is no address"],
    [
      "postgress://me:secret@hub/tunes",
      "`postgress://` is another kind of server; did you mean `postgres://`?",
    ],
    ["postgres://me:secret@hub", "it names no database: postgres://HOST/DATABASE"],
    [
      "postgres://me:secret@hub/tunes?password=secret",
      "what may follow is `?sslmode=` and one of disable, require, verify-full",
    ],
    [
      "postgres://me:secret@hub/tunes?sslmode=secret",
      "what may follow is `?sslmode=` and one of disable, require, verify-full",
    ],
    ["postgres://me:secret%@hub/tunes", "a `%` in it begins no character: `%25` is one of its own"],
    ["postgres:///tunes", "it names no host"],
  ])("%s is refused, and no password is shown", async (text, why) => {
    const message = await messageOf(() => queueAddress(text));
    expect(message).toBe(
      [
        "error[C371]: `--queue` is no address of a queue",
        `  why:   ${why}`,
        "  help:  it is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss://... for TLS,",
        "         or postgres://[USER:PASSWORD@]HOST[:PORT]/DATABASE[?sslmode=MODE]",
      ].join("\n"),
    );
  });

  test("its parts may be any characters, and TLS is asked for by name", () => {
    expect(queueAddress("postgres://me%40home:a%3Ab@[::1]/my%20tunes?sslmode=require")).toEqual({
      ...{ kind: "postgres", user: "me@home", password: "a:b", host: "::1", port: 5432 },
      ...{ database: "my tunes", tls: "require", shown: "postgres://[::1]:5432/my%20tunes" },
    });
  });
});

describe.each(SERVERS)("a queue on $kind that is opened", ({ kind, start, isHere }) => {
  let server: TestServer;
  beforeAll(async () => {
    if (isHere) server = await start("swordfish-%40");
  });
  afterAll(() => server?.stop());
  beforeEach(({ skip }) => skip(!isHere, `${kind} is not installed`));
  const at = (login: string): string => server.shown.replace("://", `://${login}`);

  test("with its password, which is an address's part", async () => {
    const link = await openQueue(queueAddress(server.url), { signal: new AbortController().signal });
    expect(link.at.shown).toBe(server.shown);
    await link.close();
  });

  test("D192 without, or with another one, which is not shown", async () => {
    for (const login of ["tunes@", "tunes:guess@", "me:guess@"]) {
      const message = await opened(at(login));
      expect(message).toContain(
        `error[D192]: the queue at \`${server.shown}\` lets nobody in with this user and password`,
      );
      expect(message).not.toContain("guess");
    }
  });

  test("D191 nobody there, another kind of server, TLS where there is none", async () => {
    const nowhere = server.shown.replace(/:\d+/, `:${await freePort()}`);
    const message = await opened(nowhere.replace("//", "//me:secret@"));
    expect(message).toContain(`error[D191]: no queue answers at \`${nowhere}\``);
    expect(message).toContain("ECONNREFUSED");
    expect(message).not.toContain("secret");
    const tls = { redis: server.url.replace("redis:", "rediss:"), postgres: `${server.url}?sslmode=require` };
    expect(await opened(tls[kind], 0.5)).toContain("error[D191]: ");
    const other = await answering(() => "HTTP/1.1 400 Bad Request\r\n\r\n");
    const url = server.shown.replace(/:\d+/, `:${other.port}`);
    expect(await opened(url, 0.5)).toContain(`error[D191]: no queue answers at \`${url}\``);
    other.close();
  });

  test("ends at once where nobody waits for it any more", async () => {
    const silent = await answering(() => "");
    const url = server.url.replace(/:\d+\b(?!@)/, `:${silent.port}`);
    const stop = new AbortController();
    const opening = openQueue(queueAddress(url), { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("ctrl-C")), 50);
    await expect(opening).rejects.toThrow("ctrl-C");
    await silent.empty();
    silent.close();
  });
});

describe("PostgreSQL refuses", () => {
  const [, { start, isHere }] = SERVERS;
  let server: TestServer;
  beforeAll(async () => {
    if (isHere) server = await start();
  });
  afterAll(() => server?.stop());
  beforeEach(({ skip }) => skip(!isHere, "postgres is not installed"));

  test("D191 no such database, D199 a user without rights, until what it needs is there", async () => {
    expect(await opened(server.url.replace(/postgres$/, "none"))).toContain(
      "error[D191]: no queue answers at `" +
        server.shown.replace(/postgres$/, "none") +
        '`\n  why:   database "none" does not exist\n',
    );
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query("create role guest login");
    const guest = server.url.replace("tunes@", "guest@");
    expect(await opened(guest)).toBe(
      [
        `error[D199]: the server of the queue at \`${server.shown}\` does not do what is asked of it`,
        "  why:   permission denied for database postgres",
        "  help:  see its disk, and what this user may do there: it makes two schemas at first, `grant create on database DATABASE to USER`",
      ].join("\n"),
    );
    await client.query("grant create on database postgres to guest");
    await (await linkTo(guest)).close();
    await client.query("revoke create on database postgres from guest");
    await (await linkTo(guest)).close();
    await client.end();
  });

  test("D193 too old", async () => {
    const { port, close } = await answering(oldPostgres);
    const shown = `postgres://127.0.0.1:${port}/tunes`;
    expect(await opened(shown.replace("//", "//me@"))).toBe(
      [
        `error[D193]: the server at \`${shown}\` is too old for a queue: PostgreSQL 12.20`,
        "  why:   queues need PostgreSQL 13 or newer",
        "  help:  Debian 12 has PostgreSQL 15: `apt-get install postgresql`",
      ].join("\n"),
    );
    close();
  });
});

describe("Redis refuses", () => {
  test("D199 a server without memory says so", async () => {
    const full = await startRedis("--maxmemory", "1kb", "--maxmemory-policy", "noeviction");
    const said = `error[D199]: the server of the queue at \`${full.url}\` does not do what is asked of it\n  why:   OOM `;
    const worker = await serving(full.url, madeUpDesk({ board: "attic" }));
    expect(await messageOf(() => worker.served)).toContain(said);
    await worker.end();
    await full.stop();
  });

  test("D193 too old", async () => {
    const info = "redis_version:4.0.14\r\nloading:0\r\n";
    const said = `$${info.length}\r\n${info}\r\n`;
    const { port, close } = await answering((asked) =>
      said.repeat([...asked.toString().matchAll(/^\*\d/gm)].length),
    );
    const url = `redis://127.0.0.1:${port}`;
    expect(await opened(url)).toBe(
      [
        `error[D193]: the server at \`${url}\` is too old for a queue: Redis 4.0.14`,
        "  why:   queues need Redis 5 or newer",
        "  help:  Debian 12 has Redis 7: `apt-get install redis-server`",
      ].join("\n"),
    );
    close();
  });
});

/** What PostgreSQL 12.20 would say: that anybody may come in, then its version, which is all that it is asked. */
function oldPostgres(asked: Buffer): Buffer {
  const message = (type: string, ...parts: readonly (number | string | Buffer)[]): Buffer => {
    const body = Buffer.concat(
      parts.map((part) => (typeof part === "number" ? int(part) : Buffer.from(part))),
    );
    return Buffer.concat([Buffer.from(type), int(body.length + 4), body]);
  };
  const ready = message("Z", "I");
  if (asked[0] === 0) return Buffer.concat([message("R", 0), ready]);
  if (asked[0] !== "Q".charCodeAt(0)) return Buffer.alloc(0);
  const column = (name: string, type: number) => [`${name}\0`, 0, "\0\0", type, "\0\0", -1, "\0\0"];
  return Buffer.concat([
    message("T", "\0\x02", ...column("number", 23), ...column("text", 25)),
    message("D", "\0\x02", 6, "120020", 5, "12.20"),
    message("C", "SELECT 1\0"),
    ready,
  ]);
}

function int(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

/** A server that says the same of what it is asked. */
async function answering(answer: (asked: Buffer) => string | Buffer) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.on("data", (asked) => socket.write(answer(asked)));
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    /** Until nobody is connected any more. */
    empty: async () => {
      while (sockets.size > 0) await sleep(10);
    },
    close: () => void server.close(),
  };
}
