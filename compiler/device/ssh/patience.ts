import { boardSilent } from "../link-failures.ts";
import { interrupted } from "../run-failures.ts";
import type { Connection } from "./transport.ts";

/** One question to a board. */
export interface Asking {
  /** What the board is asked to do, for the message: "look for a file". */
  readonly doing: string;
  /** How long it may take; absent: as long as the link may be silent. */
  readonly seconds?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * An answer of the board's, or the reason why there is none: D109 when it does not come in time, D133 when the
 * connection breaks, D137 when the caller gives up. An answer that comes later is given to `late`.
 */
export async function answerOf<T>(
  to: Pick<Connection, "at" | "lost" | "patienceSeconds">,
  answer: Promise<T>,
  { doing, seconds = to.patienceSeconds, signal }: Asking,
  late: (value: T) => void = () => {},
): Promise<T> {
  let giveUp = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const impatient = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(interrupted(to.at.name));
    timer = setTimeout(() => reject(boardSilent(to.at.name, doing, seconds)), seconds * 1000);
  });
  answer.then(
    (value) => over && late(value),
    () => {},
  );
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([to.lost, impatient, answer]);
  } finally {
    over = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/** Time for work that was given up to clean up after itself. */
const CLEANING_MS = 450;

/** Work that gives way soon after its caller gives up, whatever the board does. Rejects with D137 then. */
export async function heeding<T>(
  board: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work();
  if (signal.aborted) throw interrupted(board);
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => {};
  const abandoned = new Promise<never>((_resolve, reject) => {
    abort = () => {
      timer = setTimeout(() => reject(interrupted(board)), CLEANING_MS);
    };
  });
  signal.addEventListener("abort", abort, { once: true });
  const working = work();
  // What fails after that is nobody's concern.
  working.catch(() => {});
  try {
    return await Promise.race([abandoned, working]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
