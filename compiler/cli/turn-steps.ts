import type { Runner } from "../device/runner.ts";
import { TURN_EFFORT } from "../driver/run/repetition.ts";
import type { TurnOptions } from "../driver/turns/take-turns.ts";
import type { Target } from "../machine/target.schema.ts";
import { type AccessValues, boardAccess } from "./board-access.ts";
import type { Context } from "./command.ts";
import { wholeNumber } from "./numbers.ts";
import { makeSteps, type Steps } from "./steps.ts";

/** Values of the options that commands running programs in turns have. */
export interface TurnValues extends AccessValues {
  readonly board?: string | undefined;
  readonly target?: string | undefined;
  readonly rounds?: number | undefined;
  readonly warmup?: number | undefined;
  readonly repeats?: number | undefined;
  readonly threads?: number | undefined;
  readonly timeout?: number | undefined;
}

export interface TurnPlace {
  readonly runner: Runner;
  readonly target: Target;
  readonly steps: Steps;
  readonly options: Omit<TurnOptions, "onRound">;
}

/**
 * Opens a board for programs of bundles that take turns, and closes it in the end. Folders that hold none are told before a
 * board is waited for. Throws C205, B108 and what opening throws.
 */
export async function inTurns<T>(
  bundles: readonly string[],
  values: TurnValues,
  { terminal, signal }: Context,
  use: (place: TurnPlace) => Promise<T>,
): Promise<T> {
  const options = {
    // Fewer than nine ratios leave no interval.
    rounds: wholeNumber("rounds", values.rounds, 5, 6),
    warmup: wholeNumber("warmup", values.warmup, 0, 1),
    repeats: wholeNumber("repeats", values.repeats, 1, 10),
    threads: wholeNumber("threads", values.threads, 1, 1),
    timeoutSeconds: wholeNumber("timeout", values.timeout, 1, 600),
    signal,
    // who says how many rounds has just so many
    ...(values.rounds === undefined && TURN_EFFORT),
  };
  const { readMetadata } = await import("../toolchain/read-metadata.ts");
  for (const bundle of bundles) await readMetadata(bundle);
  const { board = "" } = values;
  const { targetOf } = await import("../driver/run/board-target.ts");
  const { openBoard } = await import("../device/open-board.ts");
  const target = await targetOf(board, values.target, {
    ...boardAccess(values),
    notice: terminal.note,
    signal,
  });
  const steps = makeSteps(terminal);
  const { runner } = await steps.run(`connecting to ${board}`, () =>
    openBoard(board, { target, notice: terminal.note, ...boardAccess(values), signal }),
  );
  try {
    return await use({ runner, target, steps, options });
  } finally {
    await runner.close();
  }
}
