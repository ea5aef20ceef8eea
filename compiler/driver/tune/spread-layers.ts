import { isLost } from "../../device/reopening.ts";
import { spreading } from "../boards/spread.ts";
import type { BuiltRace } from "./build-race.ts";
import type { Outcome } from "./outcome.ts";
import type { Effort, RunPlace } from "./race-kernels.ts";
import { runWatched } from "./watched-run.ts";

/** Parts of the work for each of several boards: more even out their speeds, fewer cost less. */
const PARTS = 2;
/** Who was running when so many boards were lost is left alone. */
const MOST_LOST = 2;

/** Layers from the first to the last. */
interface Part {
  readonly first: number;
  readonly last: number;
}
/** Races some of a program's layers and tells what becomes of each, and where. */
export type RaceLayers = (
  race: BuiltRace,
  part: Part,
  effort: Effort,
  tell: (layer: number, outcome: Outcome, board: string) => void,
) => Promise<void>;

/**
 * Races layers on one board or over several equal ones, each beside the reference of its own board. The work of a board that is
 * lost goes to the others, which `notice` is told; the layer that was running is told lost when it costs a second board, or the
 * last one, whose error is thrown.
 */
export function overBoards(boards: readonly RunPlace[], notice: (text: string) => void): RaceLayers {
  let left = boards.length;
  const spread = spreading(boards, ({ runner }, { message }) => {
    left--;
    notice(`warning: \`${runner.board}\` is lost, its work goes to the others: ${message}`);
  });
  return async (race, all, effort, tell) => {
    const told = new Set<number>();
    const losses = new Map<number, number>();
    await spread(partsOf(all, left), async (part, place) => {
      const note = (layer: number, outcome: Outcome): void => {
        if (!told.has(layer)) tell(layer, outcome, place.runner.board);
        told.add(layer);
      };
      const next = (): number | undefined => layersOf(part).find((layer) => !told.has(layer));
      const first = next();
      if (first === undefined) return;
      try {
        await runWatched(race, first, part.last, place, effort, note);
      } catch (error) {
        const running = next();
        if (isLost(error) && running !== undefined) {
          losses.set(running, (losses.get(running) ?? 0) + 1);
          if (left === 1 || losses.get(running) === MOST_LOST)
            note(running, { outcome: "lost", why: error.diagnostic.title });
        }
        throw error;
      }
    });
  };
}

function layersOf({ first, last }: Part): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function partsOf(all: Part, boards: number): readonly Part[] {
  if (boards === 1) return [all];
  const { first, last } = all;
  const size = Math.ceil((last - first + 1) / (PARTS * boards));
  const count = Math.ceil((last - first + 1) / size);
  return Array.from({ length: count }, (_, i) => ({
    first: first + i * size,
    last: Math.min(last, first + (i + 1) * size - 1),
  }));
}
