import { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watchSilence } from "../../compiler/device/ssh/silence.ts";

/** Time goes on when it is told to, so nothing hangs on how busy the machine is; ssh-slow.test.ts has real links. */
const ALIVE = { intervalSeconds: 15, countMax: 3 };
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A link whose bytes move when it is told, and how many intervals it was silent for when that was noticed. */
function watched() {
  const link = Object.assign(new Duplex({ read: () => {}, write: () => {} }), { bytesWritten: 0 });
  let intervals = 0;
  let silentAfter: number | undefined;
  const unwatch = watchSilence(link, ALIVE, () => {
    silentAfter ??= intervals;
  });
  const pass = (count: number, each: () => void = () => {}): void => {
    for (let i = 0; i < count; i++) {
      intervals++;
      each();
      vi.advanceTimersByTime(ALIVE.intervalSeconds * 1000);
    }
  };
  const hear = (): void => void link.emit("data", Buffer.from("!"));
  const take = (bytes: number) => (): void => {
    link.bytesWritten += bytes;
  };
  return { pass, hear, take, unwatch, silentAfter: () => silentAfter };
}

test("a link that says nothing for as many questions as are allowed is not lost; for one more it is", () => {
  const { pass, hear, silentAfter } = watched();
  pass(20, hear);
  pass(3);
  pass(20, hear);
  expect(silentAfter()).toBeUndefined();
  pass(10);
  expect(silentAfter()).toBe(20 + 3 + 20 + 4);
});

test("bytes that the other side takes are life, the questions themselves are none", () => {
  const { pass, take, silentAfter } = watched();
  pass(20, take(100_000));
  expect(silentAfter()).toBeUndefined();
  pass(10, take(64));
  expect(silentAfter()).toBe(20 + 4);
});

test("who watches no more is told nothing", () => {
  const { pass, unwatch, silentAfter } = watched();
  unwatch();
  pass(20);
  expect(silentAfter()).toBeUndefined();
});
