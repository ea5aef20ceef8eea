import { isLost } from "../../device/reopening.ts";
import { UserError } from "../../support/diagnostic.ts";

export interface SpreadOptions<W> {
  /** Told of a board whose work goes to others from now on, and why. */
  readonly onLost?: (board: W, why: UserError) => void;
}

/**
 * Does pieces of work on boards, one at a time on each, and gives results in the pieces' order. What a board was at when it was
 * lost, or refused to go on, goes to another; the error of the last one is thrown, as is everything that is no fault of a board's.
 */
export async function spreadOver<W, T, R>(
  boards: readonly W[],
  pieces: readonly T[],
  work: (piece: T, board: W) => Promise<R>,
  { onLost }: SpreadOptions<W> = {},
): Promise<readonly R[]> {
  const waiting = pieces.map((_, i) => i);
  const results: R[] = [];
  let left = boards.length;
  let failed: { readonly error: unknown } | undefined;
  /** Wakes boards that have nothing to do while others may still be lost. */
  let wake = (): void => {};
  let done = 0;
  const next = async (): Promise<number | undefined> => {
    while (failed === undefined && done < pieces.length) {
      const piece = waiting.shift();
      if (piece !== undefined) return piece;
      const sleeping = wake;
      await new Promise<void>((resolve) => {
        wake = () => {
          sleeping();
          resolve();
        };
      });
    }
    return undefined;
  };
  const serve = async (board: W): Promise<void> => {
    for (let piece = await next(); piece !== undefined; piece = await next()) {
      try {
        results[piece] = await work(pieces[piece] as T, board);
        done++;
      } catch (error) {
        left--;
        if (!isBoardsFault(error) || left === 0) failed ??= { error };
        else {
          waiting.unshift(piece);
          onLost?.(board, error);
        }
        return;
      } finally {
        wake();
      }
    }
  };
  await Promise.all(boards.map(serve));
  if (failed !== undefined) throw failed.error;
  return results;
}

/** The same for one list of work after another: a board that is lost stays out. */
export function spreading<W>(
  boards: readonly W[],
  onLost: SpreadOptions<W>["onLost"],
): <T, R>(pieces: readonly T[], work: (piece: T, board: W) => Promise<R>) => Promise<readonly R[]> {
  let left = boards;
  const lose = (lost: W, why: UserError): void => {
    left = left.filter((board) => board !== lost);
    onLost?.(lost, why);
  };
  return (pieces, work) => spreadOver(left, pieces, work, { onLost: lose });
}

/** Whether an error is a board's own, so that another one may do better: lost, in use, without room. */
export function isBoardsFault(error: unknown): error is UserError {
  return isLost(error) || (error instanceof UserError && error.diagnostic.exit === "boardRefused");
}
