import { conditionsOf } from "../../device/board-conditions.ts";
import { type CoreWish, checkThreads, chosenCores } from "../../device/board-cores.ts";
import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";

/** Where threads are to run, and what of the board's state will show in their times. */
export interface Placement {
  readonly cores?: readonly number[];
  /** Tells the board from others, whatever it is called. */
  readonly machine?: string;
  readonly conditions: readonly string[];
}

/**
 * Finds cores for threads, as wished or as the board is; an emulated board has none to choose from. Throws D171, D172 for cores
 * that it does not have, D173 for fewer cores than threads, D176 for a wish on an emulated board.
 */
export async function placeThreads(
  runner: Pick<Runner, "board" | "timing" | "readState">,
  target: Target,
  wish: CoreWish | undefined,
  threads: number,
): Promise<Placement> {
  const { board, timing } = runner;
  if (timing === "emulated" && wish !== undefined && wish !== "all") throw emulatedCores(board);
  const state = timing === "emulated" ? undefined : await runner.readState?.();
  if (state === undefined) return { conditions: [] };
  const cores = chosenCores(board, state, wish, target.core.inOrder);
  checkThreads(board, threads, state, cores);
  return {
    ...(cores !== undefined && { cores }),
    ...(state.id !== undefined && { machine: state.id }),
    conditions: conditionsOf(state, cores?.slice(0, threads)),
  };
}

function emulatedCores(board: string): UserError {
  return new UserError({
    code: "D176",
    exit: "usage",
    title: `\`${board}\` has no cores to choose from`,
    why: "it is emulated",
    help: ["leave --cores out"],
  });
}
