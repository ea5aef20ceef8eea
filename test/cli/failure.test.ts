import { describe, expect, it } from "vitest";
import { reportFailure } from "../../compiler/cli/failure.ts";
import { untilInterrupted } from "../../compiler/cli/interrupt.ts";
import { processTerminal } from "../../compiler/cli/terminal.ts";
import { InternalError, UserError } from "../../compiler/support/diagnostic.ts";

const notes: string[] = [];
const terminal = { ...processTerminal({ NO_COLOR: "1" }), note: (line: string) => void notes.push(line) };
const told = (): string => notes.splice(0).join("\n");

describe("failures", () => {
  it("a user's mistake has its own exit code and no stack trace", () => {
    const error = new UserError({
      code: "D999",
      exit: "boardUnreachable",
      title: "no route",
      why: "a\nb",
      help: ["try"],
    });
    expect(reportFailure(error, terminal, "1.0.0")).toBe(7);
    expect(told()).toBe("error[D999]: no route\n  why:   a\n         b\n  help:  try");
  });

  it("a bug asks to be reported, and exits with 70", () => {
    expect(reportFailure(new InternalError("broken"), terminal, "1.0.0")).toBe(70);
    const text = told();
    expect(text).toMatch(/^error: broken\n {4}at /);
    expect(text).toContain("this is a bug in Tilewright 1.0.0 (Node v");
    expect(text).toContain("help:  please report it");
  });
});

describe("ctrl-C", () => {
  function signals() {
    const listeners = new Map<string, () => void>();
    const exits: number[] = [];
    const interrupts = {
      on: (event: string, listener: () => void) => listeners.set(event, listener),
      off: (event: string) => listeners.delete(event),
      exit: (code: number) => void exits.push(code),
    };
    return { listeners, exits, interrupts };
  }
  const untilAborted = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])(
    "aborts the work, waits for its cleaning up, and exits with a status of its own: %s",
    async (event, status) => {
      const { listeners, exits, interrupts } = signals();
      const steps: string[] = [];
      const code = untilInterrupted(interrupts, terminal, async (signal) => {
        await untilAborted(signal).catch(async (error: unknown) => {
          await new Promise((done) => setTimeout(done, 5));
          steps.push("cleaned up");
          throw error;
        });
        return 0;
      });
      listeners.get(event)?.();
      expect(await code).toBe(status);
      expect(steps).toEqual(["cleaned up"]);
      expect(exits).toEqual([]);
      expect(listeners.size).toBe(0);
      expect(told()).toContain("interrupted");
    },
  );

  it("leaves work that does not stop within a second, and at once when pressed again", async () => {
    const { listeners, exits, interrupts } = signals();
    void untilInterrupted(interrupts, terminal, () => new Promise(() => {}));
    const pressed = performance.now();
    listeners.get("SIGINT")?.();
    while (exits.length === 0) await new Promise((done) => setTimeout(done, 10));
    expect(performance.now() - pressed).toBeLessThan(1000);
    listeners.get("SIGTERM")?.();
    expect(exits).toEqual([130, 130]);
  });
});
