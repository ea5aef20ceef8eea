import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { inTime } from "../../compiler/support/in-time.ts";

const never = new Promise<string>(() => {});
const late = { ms: 5, error: () => new Error("too late") };
const stopped = (): Error => new Error("stopped");

/** An answer that comes when the test says so, whatever else the machine does. */
function answerLater() {
  let answer = (_: string): void => {};
  let fail = (_: Error): void => {};
  const promise = new Promise<string>((resolve, reject) => {
    [answer, fail] = [resolve, reject];
  });
  return { promise, answer, fail };
}

describe("an answer in time", () => {
  it("is given as it is, whatever would have ended waiting for it", async () => {
    const { signal } = new AbortController();
    const ends = { deadline: late, abort: { signal, error: stopped }, lost: new Promise<never>(() => {}) };
    expect(await inTime(Promise.resolve("yes"), ends)).toBe("yes");
    await expect(inTime(Promise.reject(new Error("no")), ends)).rejects.toThrow("no");
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("is waited for until the deadline, and later goes where it is told", async () => {
    const heard: string[] = [];
    const slow = answerLater();
    const ends = { deadline: late, late: (value: string) => heard.push(value) };
    await expect(inTime(slow.promise, ends)).rejects.toThrow("too late");
    slow.answer("here");
    await slow.promise;
    expect(heard).toEqual(["here"]);
  });

  it("fails for nobody once it is given up", async () => {
    const slow = answerLater();
    await expect(inTime(slow.promise, { deadline: late })).rejects.toThrow("too late");
    slow.fail(new Error("unheard"));
    // Node reports rejections that nobody handles when all promises at hand are settled.
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("is given up when the signal is aborted, before or after, and with grace a while later", async () => {
    const signal = AbortSignal.abort();
    await expect(inTime(never, { abort: { signal, error: stopped } })).rejects.toThrow("stopped");
    const controller = new AbortController();
    const waiting = inTime(never, { abort: { signal: controller.signal, error: stopped } });
    controller.abort();
    await expect(waiting).rejects.toThrow("stopped");
    const graceful = { abort: { signal, error: stopped, graceMs: 60_000 } };
    const tidying = answerLater();
    setImmediate(() => tidying.answer("tidied up"));
    expect(await inTime(tidying.promise, graceful)).toBe("tidied up");
    await expect(inTime(never, { abort: { signal, error: stopped, graceMs: 5 } })).rejects.toThrow("stopped");
  });

  it("ends with what it is asked of, even where both are there", async () => {
    const lost = Promise.reject(new Error("gone"));
    await expect(inTime(Promise.resolve("yes"), { lost })).rejects.toThrow("gone");
  });
});
