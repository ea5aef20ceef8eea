import type { OpenBoardOptions } from "../device/open-board.ts";
import type { Runner } from "../device/runner.ts";
import type { NamedBoards } from "../driver/boards/open-boards.ts";

/** How long a board that was lost may take to come back: a reboot's time, unless others can do its work. */
const ALONE_SECONDS = 90;
const BESIDE_OTHERS_SECONDS = 10;

/** Opens boards for hours of work: each is opened again when it was lost. Throws D184 for unequal ones, and what opening throws. */
export async function openCrew(found: NamedBoards, access: OpenBoardOptions): Promise<readonly Runner[]> {
  const { openBoards } = await import("../driver/boards/open-boards.ts");
  const { reopeningRunner } = await import("../device/reopening.ts");
  const { openBoard } = await import("../device/open-board.ts");
  const { notice = () => {}, signal } = access;
  const runners = await openBoards(found, access);
  const seconds = runners.length > 1 ? BESIDE_OTHERS_SECONDS : ALONE_SECONDS;
  return runners.map((runner) => {
    const open = async () => (await openBoard(runner.board, { ...access, target: found.target })).runner;
    return reopeningRunner(runner, open, { seconds, notice, signal });
  });
}
