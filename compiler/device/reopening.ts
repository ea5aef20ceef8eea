import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../support/diagnostic.ts";
import type { Runner } from "./runner.ts";

export interface Reopening {
  /** How long a lost board may take to come back. */
  readonly seconds: number;
  readonly notice: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly everyMs?: number;
}

/**
 * A board that may be lost and come back, as one does that is rebooted: the run in which it is lost fails, the next opens it anew
 * and waits for that, and fails as that does at last.
 */
export function reopeningRunner(
  first: Runner,
  open: () => Promise<Runner>,
  { seconds, notice, signal, everyMs = 2000 }: Reopening,
): Runner {
  let current: Runner | undefined = first;
  const reopened = async (): Promise<Runner> => {
    notice(`\`${first.board}\` is lost; waiting up to ${seconds} s for it`);
    for (const began = performance.now(); ; ) {
      signal?.throwIfAborted();
      try {
        const runner = await open();
        notice(`\`${first.board}\` is back`);
        return runner;
      } catch (error) {
        if (!isLost(error) || performance.now() - began >= seconds * 1000) throw error;
      }
      await sleep(everyMs, undefined, signal && { signal }).catch(() => {});
    }
  };
  const using = async <T>(use: (runner: Runner) => Promise<T>): Promise<T> => {
    current ??= await reopened();
    const runner = current;
    try {
      return await use(runner);
    } catch (error) {
      if (isLost(error) && current === runner) {
        current = undefined;
        await runner.close().catch(() => {});
      }
      throw error;
    }
  };
  const { readState, readFacts, sampleEnergy } = first;
  return {
    board: first.board,
    timing: first.timing,
    run: (job) => using((runner) => runner.run(job)),
    ...(readState && { readState: () => using(async (runner) => (await runner.readState?.()) ?? NOTHING) }),
    ...(readFacts && { readFacts: () => using((runner) => (runner.readFacts ?? readFacts)()) }),
    ...(sampleEnergy && {
      sampleEnergy: (sampling) => using((runner) => (runner.sampleEnergy ?? sampleEnergy)(sampling)),
    }),
    close: async () => current?.close(),
  };
}

const NOTHING = { coreStates: [], zones: [] };

/** Whether an error means that a board cannot be reached any more. */
export function isLost(error: unknown): error is UserError {
  return error instanceof UserError && error.diagnostic.exit === "boardUnreachable";
}
