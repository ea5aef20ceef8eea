import { type BoardsFile, readBoardsFile } from "./boards-file.ts";

/** The boards that names stand for, each once, in their order: a pool of the boards file stands for its own. Throws D181, D182. */
export async function boardsOf(
  names: readonly string[],
  file?: Pick<BoardsFile, "pools">,
): Promise<readonly string[]> {
  const { pools } = file ?? (await readBoardsFile());
  return [...new Set(names.flatMap((name) => pools.get(name) ?? [name]))];
}
