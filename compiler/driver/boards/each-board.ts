import pLimit from "p-limit";
import { boardSilent } from "../../device/link-failures.ts";
import { UserError } from "../../support/diagnostic.ts";

export interface EachOptions {
  /** How long one board may take in all. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** Told after each board how many are through. */
  readonly onDone?: (done: number) => void;
}
const AT_ONCE = 16;

/** Does the same with each board, many at a time: its result, or why there is none. Throws what the signal says. */
export async function eachBoard<B extends { readonly name: string }, T>(
  boards: readonly B[],
  { seconds, signal, onDone }: EachOptions,
  work: (board: B, signal: AbortSignal) => Promise<T>,
): Promise<readonly (T | UserError)[]> {
  const turn = pLimit(AT_ONCE);
  let done = 0;
  const results = await Promise.all(
    boards.map((board) =>
      turn(async () => {
        if (signal.aborted) return undefined;
        const late = AbortSignal.timeout(seconds * 1000);
        try {
          return await work(board, AbortSignal.any([signal, late]));
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          return late.aborted && error.diagnostic.code === "D137"
            ? boardSilent(board.name, "tell of itself", seconds)
            : error;
        } finally {
          onDone?.(++done);
        }
      }),
    ),
  );
  signal.throwIfAborted();
  return results.flatMap((result) => (result === undefined ? [] : [result]));
}
