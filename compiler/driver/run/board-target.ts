import type { OpenBoardOptions } from "../../device/open-board.ts";
import { listTargets, loadTarget } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { didYouMean, typedWord } from "../../support/text.ts";

/**
 * The same for a board that may be asked: where neither is said nor named so, the board's own account of itself decides.
 * Throws C301 when that does not tell, and what opening a board throws.
 */
export async function targetOf(
  board: string,
  wanted: string | undefined,
  access: OpenBoardOptions,
): Promise<Target> {
  if (wanted !== undefined || isFile(board) || listTargets().includes(board))
    return boardTarget(board, wanted);
  const { openBoard } = await import("../../device/open-board.ts");
  const { runner, target, unknown } = await openBoard(board, access);
  await runner.close();
  return target ?? unsaid(board, unknown ?? "it says nothing of itself");
}

/**
 * The target to compile for when a network is to run on `board`: the one asked for, else the one named
 * as the board is (which an ssh alias may be as well). Throws C301 and what loadTarget throws.
 */
export function boardTarget(board: string, wanted: string | undefined): Target {
  if (isFile(board)) return unsaid(board, "its file describes a board, and is none that runs anything");
  if (wanted !== undefined) return loadTarget(wanted);
  if (listTargets().includes(board)) return loadTarget(board);
  return unsaid(board, "it is reached over ssh, and no target has its name");
}

/** Whether a name is that of a board's file, which is a target. */
function isFile(board: string): boolean {
  return board.endsWith(".json");
}

function unsaid(board: string, why: string): never {
  const close = didYouMean(board, listTargets());
  const byName = [
    ...(close === undefined ? [] : [`did you mean \`--board ${close}\`?`]),
    `add --target TARGET, one of ${listTargets().join(", ")}`,
    "or give the host that name in ~/.ssh/config",
  ];
  const byFile = `--board user@host --target ${typedWord(board)}, or with a board that is emulated: \`tilewright targets list\``;
  throw new UserError({
    code: "C301",
    exit: "usage",
    title: `what kind of board \`${board}\` is has to be said`,
    why,
    help: isFile(board) ? [byFile] : byName,
  });
}
