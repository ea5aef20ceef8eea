import { boardsOf } from "../../device/known/boards-of.ts";
import { type OpenBoardOptions, openBoard } from "../../device/open-board.ts";
import { isLost } from "../../device/reopening.ts";
import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { targetOf } from "../run/board-target.ts";
import { refuseUnequal } from "./equal-boards.ts";

/** Boards and pools, as the user named them, and the target that all of them are. */
export interface NamedBoards {
  readonly names: readonly string[];
  readonly target: Target;
}

/** The boards that names of boards and pools mean, and the target of the first that answers. Throws C301, D181, D182 and what opening does. */
export async function findBoards(
  named: readonly string[],
  wanted: string | undefined,
  access: OpenBoardOptions,
): Promise<NamedBoards> {
  const names = await boardsOf(named);
  for (const [i, name] of names.entries()) {
    try {
      return { names, target: await targetOf(name, wanted, access) };
    } catch (error) {
      if (!isLost(error) || i === names.length - 1) throw error;
    }
  }
  throw new Error("no board is named");
}

/**
 * Opens boards over which work is to be spread. One that cannot be reached is told of and left out. Throws D184 where one is not
 * equal to the others, and the error of the first where none can be reached.
 */
export async function openBoards(
  { names, target }: NamedBoards,
  options: OpenBoardOptions,
): Promise<readonly Runner[]> {
  const tried = await Promise.allSettled(
    names.map(async (name) => {
      const { runner } = await openBoard(name, { ...options, target });
      return { runner, ...(names.length > 1 && { kind: await kindOf(runner) }) };
    }),
  );
  const opened = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const runners = opened.map(({ runner }) => runner);
  const errors = tried.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  try {
    const worse = errors.find((error) => !isLost(error));
    if (worse !== undefined || runners.length === 0) throw worse ?? errors[0];
    for (const error of errors)
      if (error instanceof UserError) options.notice?.(`warning: ${error.message}; the others go on`);
    if (runners.length > 1)
      refuseUnequal(
        opened.flatMap(({ runner, kind }) => (kind === undefined ? [] : [{ name: runner.board, kind }])),
      );
    return runners;
  } catch (error) {
    await closeBoards(runners);
    throw error;
  }
}

/** What kind of machine a board is; one that is lost meanwhile is closed. */
async function kindOf(runner: Runner) {
  try {
    const facts = (await runner.readFacts?.()) ?? { cores: [] };
    const state = (await runner.readState?.()) ?? { coreStates: [] };
    return { facts, state };
  } catch (error) {
    await runner.close().catch(() => {});
    throw error;
  }
}

export async function closeBoards(runners: readonly Runner[]): Promise<void> {
  await Promise.allSettled(runners.map((runner) => runner.close()));
}
