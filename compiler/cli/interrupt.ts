import { EXIT } from "../support/exit-codes.ts";
import type { Terminal } from "./terminal.ts";

/** Signals that ask a command to end, and the exit code of one that did: 128 and the signal's number, as shells have it. */
const ENDS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const;
type EndSignal = keyof typeof ENDS;
const SIGNALS = Object.keys(ENDS) as readonly EndSignal[];

/** The part of `process` that says ctrl-C was pressed, the command is to end, or its terminal is gone. */
export interface Interrupts {
  on(event: EndSignal, listener: () => void): unknown;
  off(event: EndSignal, listener: () => void): unknown;
  exit(code: number): void;
}

/** Nobody waits longer for a board or a disk to be tidied: what holds a board ends with its connection. */
const LONGEST_CLEANING_MS = 600;

/**
 * Runs `work` with a signal that ctrl-C aborts, as SIGTERM and SIGHUP do. The work then stops, cleans up and throws; the
 * exit code is the signal's whatever it throws. Work that does not stop soon is left, as it is by a second signal.
 */
export async function untilInterrupted(
  interrupts: Interrupts,
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  let ending: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (signal: EndSignal): void => {
    if (ending !== undefined) {
      interrupts.exit(ending);
      return;
    }
    const code = ENDS[signal];
    ending = code;
    terminal.note("interrupted: cleaning up");
    timer = setTimeout(() => interrupts.exit(code), LONGEST_CLEANING_MS);
    controller.abort();
  };
  const stops = SIGNALS.map((signal) => [signal, () => stop(signal)] as const);
  for (const [signal, listener] of stops) interrupts.on(signal, listener);
  try {
    const code = await work(controller.signal);
    return ending ?? code;
  } catch (error) {
    if (ending !== undefined) return ending;
    throw error;
  } finally {
    clearTimeout(timer);
    for (const [signal, listener] of stops) interrupts.off(signal, listener);
  }
}
