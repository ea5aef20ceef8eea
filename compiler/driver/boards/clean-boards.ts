import type { Cleaned } from "../../device/ssh/clean.ts";
import { UserError } from "../../support/diagnostic.ts";
import { eachBoard } from "./each-board.ts";
import type { KnownBoard } from "./known-boards.ts";
import { type ListOptions, placeOf, runsHere } from "./list-boards.ts";

/** What was taken from a board, or why it could not be cleaned. */
export interface CleanedBoard {
  readonly name: string;
  readonly cleaned?: Cleaned;
  readonly error?: UserError;
}

/** Cleans boards over ssh, many at a time; this machine keeps nothing of the kind. */
export async function cleanBoards(
  boards: readonly KnownBoard[],
  { dryRun, ...options }: ListOptions & { readonly dryRun: boolean },
): Promise<readonly CleanedBoard[]> {
  const { cleanBoard } = await import("../../device/ssh/clean.ts");
  const remote = boards.filter(({ name }) => !runsHere(name));
  const found = await eachBoard(remote, options, (board, signal) => {
    const { sshConfig, remoteDir } = placeOf(board, options);
    return cleanBoard(board.name, {
      ...(sshConfig !== undefined && { configFile: sshConfig }),
      ...{ remoteDir, signal, dryRun },
    });
  });
  return found.map((result, i) => {
    const { name } = remote[i] as KnownBoard;
    return result instanceof UserError ? { name, error: result } : { name, cleaned: result };
  });
}
