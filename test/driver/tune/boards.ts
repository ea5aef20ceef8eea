import type { BoardState } from "../../../compiler/device/board-state.ts";
import type { Job, Runner } from "../../../compiler/device/runner.ts";
import type { BuiltRace } from "../../../compiler/driver/tune/build-race.ts";
import { UserError } from "../../../compiler/support/diagnostic.ts";

/** A program of so many layers, for boards that only say what they would have found. */
export function madeUpRace(layers: number): BuiltRace {
  const seats = Array.from({ length: layers }, (_, layer) => ({ kind: "runs" as const, layer }));
  return {
    program: "/nowhere",
    files: [],
    seats,
    codes: seats.map(({ layer }) => `code ${layer}`),
    remove: async () => {},
  };
}

export function lost(board: string): UserError {
  return new UserError({
    code: "D133",
    exit: "boardUnreachable",
    title: `the connection to ${board} was lost`,
  });
}

export interface MadeUp extends Runner {
  /** Layers that it was asked for, run by run. */
  readonly asked: (readonly [first: number, last: number])[];
}

/** A board that prints times of layers; `before` may throw, or wait, ahead of a layer's line. */
export function madeUpBoard(
  board: string,
  before: (layer: number, job: Job) => Promise<void> = async () => {},
  readState?: () => Promise<BoardState>,
): MadeUp {
  const asked: [number, number][] = [];
  return {
    board,
    timing: "measured",
    asked,
    run: async (job) => {
      const [first = 0, last = 0] = (job.args[job.args.indexOf("--layer") + 1] ?? "").split("-").map(Number);
      asked.push([first, last]);
      let stdout = "";
      for (let layer = first; layer <= last; layer++) {
        await before(layer, job);
        const line = JSON.stringify({
          kind: "racer",
          index: layer,
          outcome: "ok",
          ns: [layer],
          reference: [10],
        });
        job.onLine?.(line);
        stdout += `${line}\n`;
      }
      return { stdout, stderr: "", exitCode: 0, files: new Map() };
    },
    ...(readState && { readState }),
    close: async () => {},
  };
}
