import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { QueueLink } from "../../../compiler/driver/queue/open-queue.ts";
import { SERVERS, type TestServer } from "../../support/queue-servers.ts";
import { linkTo } from "./desks.ts";

describe.each(SERVERS)("what $kind keeps", ({ kind, start, isHere }) => {
  let server: TestServer;
  let links: readonly QueueLink[];
  beforeAll(async () => {
    if (!isHere) return;
    server = await start();
    // both find a server that nobody has used before
    links = await Promise.all([linkTo(server.url), linkTo(server.url)]);
  });
  afterAll(async () => {
    if (!isHere) return;
    await Promise.all(links.map((link) => link.close()));
    await server.stop();
  });
  beforeEach(({ skip }) => skip(!isHere, `${kind} is not installed`));
  const stores = () => links.map(({ store }) => store);

  test("is one holder's until it is let go, or its time is over", async () => {
    const [one, other] = stores();
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, i) => stores()[i % 2]?.take("board", "attic", `holder ${i}`, 60_000)),
    );
    const first = taken.indexOf(undefined);
    expect(taken.map((holder, i) => (i === first ? undefined : holder || `holder ${first}`))).toEqual(
      taken.map((_, i) => (i === first ? undefined : `holder ${first}`)),
    );
    await other?.release("board", "attic", "holder 77");
    expect(await other?.take("board", "attic", "holder 77", 60_000)).toBe(`holder ${first}`);
    expect(await one?.take("board", "attic", `holder ${first}`, 30)).toBeUndefined();
    await sleep(60);
    expect(await other?.take("board", "attic", "holder 77", 60_000)).toBeUndefined();
    await other?.release("board", "attic", "holder 77");
    expect(await one?.take("board", "attic", "holder 0", 60_000)).toBeUndefined();
  });

  test("stays what it was, and is forgotten in time", async () => {
    const [one, other] = stores();
    await one?.keep("health", "attic", "well", 60_000);
    await other?.keep("health", "attic", "ill", 1000);
    expect(await one?.get("health", "attic")).toBe("well");
    while ((await one?.get("health", "attic")) !== undefined) await sleep(50);
    await other?.keep("health", "attic", "ill", 60_000);
    expect(await one?.get("health", "attic")).toBe("ill");
    await one?.remove("health", "attic");
    expect(await other?.get("health", "attic")).toBeUndefined();
  });

  test("is listed by name, kind by kind, while it lasts", async () => {
    const [one, other] = stores();
    await one?.put("desk", "b", "second", 60_000);
    await other?.put("desk", "B", "first", 60_000);
    await one?.put("desk", "a", "gone", 30);
    await one?.put("desk", "b", "second, again", 60_000);
    await one?.put("health", "c", "another", 60_000);
    await sleep(60);
    expect(await other?.list("desk", 10)).toEqual(["first", "second, again"]);
    expect(await other?.list("desk", 1)).toEqual(["first"]);
    await one?.remove("desk", "B");
    expect(await other?.list("desk", 10)).toEqual(["second, again"]);
  });
});
