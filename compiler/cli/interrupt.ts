import { EXIT } from "../support/exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** The part of `process` that says ctrl-C was pressed. */
export interface Interrupts {
  on(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(event: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Runs `work` with a signal that ctrl-C aborts. The work then stops, cleans up and throws; the exit code is
 * 130 whatever it throws. A second ctrl-C does not wait for it.
 */
export async function untilInterrupted(
  interrupts: Interrupts,
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) interrupts.exit(EXIT.interrupted);
    terminal.note("interrupted: cleaning up (press ctrl-C again to leave at once)");
    controller.abort();
  };
  interrupts.on("SIGINT", stop);
  interrupts.on("SIGTERM", stop);
  try {
    const code = await work(controller.signal);
    return controller.signal.aborted ? EXIT.interrupted : code;
  } catch (error) {
    if (controller.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interrupts.off("SIGINT", stop);
    interrupts.off("SIGTERM", stop);
  }
}
