import { inTime } from "../../support/in-time.ts";
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
  const { name } = to.at;
  return inTime(answer, {
    deadline: { ms: seconds * 1000, error: () => boardSilent(name, doing, seconds) },
    abort: { signal, error: () => interrupted(name) },
    lost: to.lost,
    late,
  });
}

/** Time for work that was given up to clean up after itself. */
const CLEANING_MS = 450;

/** Work that gives way soon after its caller gives up, whatever the board does. Rejects with D137 then. */
export async function heeding<T>(
  board: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw interrupted(board);
  return inTime(work(), { abort: { signal, error: () => interrupted(board), graceMs: CLEANING_MS } });
}
