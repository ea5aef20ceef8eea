import { queueLost } from "../queue-failures.ts";
import type { NamedServer } from "./named-server.ts";

/** Whether a server is there. */
export interface Presence {
  /** Aborted when the server was away for too long, with D194 as its reason, or while nobody waits for it any more. */
  readonly lost: AbortSignal;
  readonly isAway: boolean;
  away(): void;
  back(): void;
  stop(): void;
}

export interface PresenceOptions {
  /** Once it is aborted nobody waits for a server that is away. */
  readonly signal: AbortSignal;
  /** Seconds that the server may be away. */
  readonly patience: number;
  readonly notice: (text: string) => void;
}

export function watchPresence(server: NamedServer, { signal, patience, notice }: PresenceOptions): Presence {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isAway = false;
  let isOver = false;
  const giveUp = (): void => {
    if (isAway) controller.abort(signal.reason);
  };
  signal.addEventListener("abort", giveUp, { once: true });
  return {
    lost: controller.signal,
    get isAway() {
      return isAway;
    },
    away: () => {
      if (isAway || isOver) return;
      isAway = true;
      if (signal.aborted) return giveUp();
      notice(`the queue at \`${server.shown}\` is lost; waiting for it`);
      if (!Number.isFinite(patience)) return;
      timer = setTimeout(() => controller.abort(queueLost(server, patience)), patience * 1000);
    },
    back: () => {
      clearTimeout(timer);
      if (isAway && !isOver) notice(`the queue at \`${server.shown}\` is back`);
      isAway = false;
    },
    stop: () => {
      isOver = true;
      signal.removeEventListener("abort", giveUp);
      clearTimeout(timer);
    },
  };
}
