import { setTimeout as sleep } from "node:timers/promises";
import type { Presence } from "./presence.ts";

const RETRY_MS = 50;

/** Does something, and again what a broken connection has cut off, as soon as the server is there. */
export type Patiently = <T>(work: () => Promise<T>) => Promise<T>;

/** `over`: aborted when nothing is to be asked any more; then all that waits fails. */
export function patience(presence: Presence, over: AbortSignal): Patiently {
  return async (work) => {
    for (;;) {
      // so that BullMQ knows it for what it is
      if (over.aborted) throw new Error("Connection is closed.");
      try {
        if (!presence.isAway) return await work();
      } catch (error) {
        if (!over.aborted && !isBroken(error)) throw error;
      }
      await sleep(RETRY_MS, undefined, { signal: over }).catch(() => {});
    }
  };
}

/** A connection broke, the server starts or stops, or of two that waited for one another this one gave way. */
export function isBroken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = String(Reflect.get(error, "code") ?? "");
  if (/^(08|57P0|40P01|40001)/.test(code)) return true;
  return (
    "syscall" in error ||
    /^(Connection terminated|timeout e|Client has encountered a connection error)/.test(error.message)
  );
}
