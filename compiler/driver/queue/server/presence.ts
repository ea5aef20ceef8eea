import type { NamedServer } from "../queue-address.ts";
import { queueLost } from "../queue-failures.ts";

/** Whether a server is there. */
export interface Presence {
  /** Aborted, with D194 as its reason, when the server was away for too long. */
  readonly lost: AbortSignal;
  readonly isAway: boolean;
  away(): void;
  back(): void;
  stop(): void;
}

/** `patience`: seconds that the server may be away. */
export function watchPresence(
  server: NamedServer,
  patience: number,
  notice: (text: string) => void,
): Presence {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isAway = false;
  let isOver = false;
  return {
    lost: controller.signal,
    get isAway() {
      return isAway;
    },
    away: () => {
      if (isAway || isOver) return;
      isAway = true;
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
      clearTimeout(timer);
    },
  };
}
