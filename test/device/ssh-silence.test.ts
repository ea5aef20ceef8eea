import { createServer, connect as dial, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { watchSilence } from "../../compiler/device/ssh/silence.ts";
import { type SlowLink, startSlowLink } from "../support/slow-link.mjs";

const ALIVE = { intervalSeconds: 0.1, countMax: 3 };
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let link: SlowLink;
/** Says a word whenever it is asked one, as a server does that is kept alive. */
const echo = createServer((socket) => socket.pipe(socket));

beforeAll(async () => {
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  const address = echo.address();
  link = await startSlowLink(typeof address === "object" && address !== null ? address.port : 0);
});
afterAll(() => {
  link.stop();
  echo.close();
});

/** A connection that asks once each interval, and when it was found silent. */
async function asking(): Promise<{
  readonly silentAfter: () => number | undefined;
  readonly end: () => void;
}> {
  const socket = await new Promise<Socket>((resolve) => {
    const opened = dial(link.port, "127.0.0.1", () => resolve(opened));
  });
  const began = performance.now();
  let silent: number | undefined;
  const unwatch = watchSilence(socket, ALIVE, () => {
    silent ??= performance.now() - began;
  });
  const timer = setInterval(() => socket.write("?"), ALIVE.intervalSeconds * 1000);
  const end = (): void => {
    unwatch();
    clearInterval(timer);
    socket.destroy();
  };
  return { silentAfter: () => silent, end };
}

test("a link that pauses for less than is allowed is not lost; one that says nothing for longer is", async () => {
  const { silentAfter, end } = await asking();
  await wait(150);
  await link.pause(200);
  await wait(150);
  expect(silentAfter()).toBeUndefined();
  const began = performance.now();
  void link.pause(1000);
  while (silentAfter() === undefined) await wait(20);
  expect(performance.now() - began).toBeGreaterThan(200);
  expect(performance.now() - began).toBeLessThan(900);
  end();
});
