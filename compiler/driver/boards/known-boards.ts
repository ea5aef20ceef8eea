import { type BoardsFile, readBoardsFile } from "../../device/known/boards-file.ts";
import { forgetBoard, type UsedBoard, usedBoards } from "../../device/known/used-boards.ts";
import { UserError } from "../../support/diagnostic.ts";
import { didYouMean } from "../../support/text.ts";

/** A board that is known here: from the boards file, or because it was used before. */
export interface KnownBoard extends Omit<UsedBoard, "seen"> {
  /** When it last answered, in milliseconds since 1970; absent: never, from here. */
  readonly seen?: number;
  readonly pools: readonly string[];
}

/** Every board that is known, or those of the names and pools that are given, known or not. Throws D181, D182. */
export async function knownBoards(names: readonly string[]): Promise<readonly KnownBoard[]> {
  return mergeBoards(names, await readBoardsFile(), await usedBoards());
}

/** A board used with several configurations or folders is there once for each. */
export function mergeBoards(
  names: readonly string[],
  { boards, pools }: Pick<BoardsFile, "boards" | "pools">,
  used: readonly UsedBoard[],
): readonly KnownBoard[] {
  const everyone = [...boards, ...[...pools.values()].flat(), ...used.map(({ name }) => name)];
  const wanted = names.length === 0 ? everyone : names.flatMap((name) => pools.get(name) ?? [name]);
  return [...new Set(wanted)].flatMap((name) => {
    const inPools = [...pools].filter(([, members]) => members.includes(name)).map(([pool]) => pool);
    const before = used.filter((board) => board.name === name);
    return (before.length === 0 ? [{ name }] : before).map((board) => ({ ...board, pools: inPools }));
  });
}

/** Forgets that boards were used before. Throws D183 for one that was not. */
export async function forgetBoards(names: readonly string[]): Promise<readonly string[]> {
  const used = await usedBoards();
  const odd = names.find((name) => !used.some((board) => board.name === name));
  if (odd !== undefined) throw neverUsed(odd, used);
  for (const board of used.filter(({ name }) => names.includes(name))) await forgetBoard(board);
  return names;
}

function neverUsed(name: string, used: readonly UsedBoard[]): UserError {
  const near = didYouMean(
    name,
    used.map((board) => board.name),
  );
  return new UserError({
    code: "D183",
    exit: "usage",
    title: `\`${name}\` is not listed as a board that was used before`,
    help: [
      near === undefined
        ? "`tilewright boards` lists them; those of the boards file are taken out of it there"
        : `did you mean \`${near}\`?`,
    ],
  });
}
