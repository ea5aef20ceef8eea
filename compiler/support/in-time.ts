/** What ends waiting for an answer. */
export interface Ends<T> {
  /** Rejects with an error once so many milliseconds have passed. */
  readonly deadline?: { readonly ms: number; readonly error: () => Error };
  /** Rejects with an error when a signal is aborted, or was before, or so many milliseconds later. */
  readonly abort?: {
    readonly signal: AbortSignal | undefined;
    readonly error: () => Error;
    readonly graceMs?: number;
  };
  /** Rejects when this does. */
  readonly lost?: Promise<never>;
  /** Given an answer that comes after one of these; an error that does is nobody's concern. */
  readonly late?: (value: T) => void;
}

/** An answer, or the first of what may end waiting for it. Leaves no timer and no listener behind. */
export async function inTime<T>(
  answer: Promise<T>,
  { deadline, abort, lost, late = () => {} }: Ends<T>,
): Promise<T> {
  const timers: NodeJS.Timeout[] = [];
  let giveUp = (): void => {};
  let over = false;
  const ended = new Promise<never>((_, reject) => {
    const rejectIn = (ms: number, error: () => Error): void => {
      timers.push(setTimeout(() => reject(error()), ms));
    };
    if (deadline !== undefined) rejectIn(deadline.ms, deadline.error);
    giveUp = () => {
      if (abort?.graceMs !== undefined) rejectIn(abort.graceMs, abort.error);
      else if (abort !== undefined) reject(abort.error());
    };
  });
  answer.then(
    (value) => over && late(value),
    () => {},
  );
  if (abort?.signal?.aborted) giveUp();
  else abort?.signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([...(lost === undefined ? [] : [lost]), ended, answer]);
  } finally {
    over = true;
    timers.forEach(clearTimeout);
    abort?.signal?.removeEventListener("abort", giveUp);
  }
}
