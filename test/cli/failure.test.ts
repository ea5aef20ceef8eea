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
  it("aborts the work, waits for its cleaning up, and exits with 130", async () => {
    const listeners = new Map<string, () => void>();
    const exits: number[] = [];
    const interrupts = {
      on: (event: string, listener: () => void) => listeners.set(event, listener),
      off: (event: string) => listeners.delete(event),
      exit: (code: number) => void exits.push(code),
    };
    const steps: string[] = [];
    const code = untilInterrupted(interrupts, terminal, async (signal) => {
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stopped"))),
      ).catch(async (error: unknown) => {
        await new Promise((done) => setTimeout(done, 5));
        steps.push("cleaned up");
        throw error;
      });
      return 0;
    });
    listeners.get("SIGINT")?.();
    expect(await code).toBe(130);
    expect(steps).toEqual(["cleaned up"]);
    expect(exits).toEqual([]);
    expect(listeners.size).toBe(0);
    expect(told()).toContain("interrupted");
  });
});
