import type { Duplex } from "node:stream";

/** How silence on a link is judged: as ServerAliveInterval and ServerAliveCountMax of ssh_config(5). */
export interface Alive {
  readonly intervalSeconds: number;
  readonly countMax: number;
}

interface MaybeSocket {
  readonly bytesWritten?: number;
}

/** How long a link may be silent in all: the last question has an interval to be answered in, too. */
export function patienceOf({ intervalSeconds, countMax }: Alive): number {
  return intervalSeconds * (countMax + 1);
}

/** How long a board may take to answer: a little longer, so that a link that is lost is told as such. */
export function answerPatienceOf(alive: Alive): number {
  return patienceOf(alive) + alive.intervalSeconds;
}

/** More than the questions themselves: what is taken beyond that is on its way. */
const QUESTIONS_BYTES = 4096;

/**
 * Calls `onSilent` when a link moves no byte either way while the caller asks the other side `countMax` times, once each
 * interval. Intervals are counted, not a clock's time: a machine that slept has not waited.
 * Gives a function that ends the watch.
 */
export function watchSilence(link: Duplex, alive: Alive, onSilent: () => void): () => void {
  let moved = false;
  let sent = 0;
  let silent = 0;
  const hear = (): void => {
    moved = true;
  };
  link.on("data", hear);
  const look = (): void => {
    // Once the buffers between are full, bytes leave this process only as the other side takes them.
    const left = ((link as MaybeSocket).bytesWritten ?? 0) - link.writableLength;
    silent = moved || left > sent + QUESTIONS_BYTES ? 0 : silent + 1;
    moved = false;
    sent = left;
    if (silent > alive.countMax) onSilent();
  };
  const timer = setInterval(look, alive.intervalSeconds * 1000);
  return () => {
    clearInterval(timer);
    link.off("data", hear);
  };
}
