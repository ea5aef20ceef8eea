import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openQueue } from "../../../compiler/driver/queue/open-queue.ts";
import { queueAddress } from "../../../compiler/driver/queue/queue-address.ts";
import { messageOf } from "../../support/message.ts";
import { freePort, type RedisServer, startRedis } from "../../support/redis-server.ts";
import { linkTo, madeUpDesk, serving } from "./desks.ts";

const PASSWORD = "swordfish-%40";
let server: RedisServer;
beforeAll(async () => {
  server = await startRedis("--requirepass", decodeURIComponent(PASSWORD));
});
afterAll(() => server.stop());

const opened = (url: string): Promise<string> => messageOf(async () => (await linkTo(url)).close());

describe("an address of a queue", () => {
  test.each([
    ["redis://farm", "redis://farm:6379"],
    ["redis://me:secret@farm:7000/2", "redis://farm:7000/2"],
    ["rediss://:secret@[::1]:7000", "rediss://[::1]:7000"],
  ])("%s is shown as %s", (text, shown) => {
    expect(queueAddress(text).shown).toBe(shown);
  });

  test.each([
    ["me:secret@farm", "it is no address"],
    ["farm secret", "it is no address"],
    ["amqp://me:secret@farm", "`amqp://` is another kind of server"],
    ["redis://me:secret@farm/first", "a database is a number: /0, /1, ..."],
    ["redis://me:secret@farm?tls=1", "nothing may follow `?` or `#`"],
    ["redis:secret", "it is no address"],
    ["redis://:secret@", "it is no address"],
  ])("%s is refused, and no password is shown", async (text, why) => {
    const message = await messageOf(() => queueAddress(text));
    expect(message).toBe(
      [
        "error[C371]: `--queue` is no address of a queue",
        `  why:   ${why}`,
        "  help:  it is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss://... for TLS",
      ].join("\n"),
    );
  });
});

describe("a queue that is opened", () => {
  const at = (user: string): string => server.url.replace("redis://", `redis://${user}@`);

  test("with its password, which is an address's part", async () => {
    const link = await openQueue(queueAddress(at(`:${PASSWORD}`)), { signal: new AbortController().signal });
    expect(link.shown).toBe(server.url);
    await link.close();
  });

  test("D192 without, or with another one, which is not shown", async () => {
    for (const url of [server.url, at(":guess"), at("me:guess")]) {
      const message = await opened(url);
      expect(message).toContain(
        `error[D192]: the queue at \`${server.url}\` lets nobody in with this user and password`,
      );
      expect(message).not.toContain("guess");
    }
  });

  test("D191 nobody there, another kind of server, TLS where there is none", async () => {
    const nowhere = `redis://127.0.0.1:${await freePort()}`;
    const message = await opened(nowhere.replace("//", "//:secret@"));
    expect(message).toContain(`error[D191]: no queue answers at \`${nowhere}\``);
    expect(message).toContain("ECONNREFUSED");
    expect(message).not.toContain("secret");
    expect(await opened(server.url.replace("redis:", "rediss:"))).toContain("error[D191]: ");
    const { url, close } = await answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    expect(await opened(url)).toContain(`error[D191]: no queue answers at \`${url}\``);
    close();
  });

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
    const { url, close } = await answering(`$${info.length}\r\n${info}\r\n`);
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

/** A server that says the same to whatever is asked. */
async function answering(text: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (asked) => {
      for (const _ of String(asked).matchAll(/^\*\d/gm)) socket.write(text);
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const { port } = server.address() as { readonly port: number };
  return { url: `redis://127.0.0.1:${port}`, close: () => void server.close() };
}
