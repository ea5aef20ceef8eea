import { UserError } from "../../support/diagnostic.ts";
import type { BuiltRace } from "./build-race.ts";
import type { Outcome } from "./outcome.ts";
import type { Effort, RunPlace } from "./race-kernels.ts";
import { runWatched } from "./watched-run.ts";

/** Parts of the work for each board: more even out boards of different speed, fewer cost less. */
const PARTS = 2;
/** Who was running when so many boards were lost is left alone. */
const MOST_LOST = 2;

/** Layers from the first to the last. */
interface Part {
  readonly first: number;
  readonly last: number;
}

/**
 * Races a program's layers on one board or several equal ones, each beside the reference of its own board. A board that is lost
 * leaves `places`, and its work goes to the others, which is told; the layer that was running is told lost when it costs a
 * second board. With the last board its error is thrown.
 */
export async function spreadLayers(
  race: BuiltRace,
  { first, last }: Part,
  places: Set<RunPlace>,
  effort: Effort,
  tell: (layer: number, outcome: Outcome, board: string) => void,
  notice: (text: string) => void,
): Promise<void> {
  const open = partsOf({ first, last }, places.size);
  const losses = new Map<number, number>();
  const work = async (place: RunPlace): Promise<void> => {
    for (let part = open.shift(); part !== undefined; part = open.shift()) {
      const told = new Set<number>();
      const note = (layer: number, outcome: Outcome): void => {
        told.add(layer);
        tell(layer, outcome, place.runner.board);
      };
      try {
        await runWatched(race, part.first, part.last, place, effort, note);
      } catch (error) {
        places.delete(place);
        if (places.size === 0 || !isLoss(error)) throw error;
        const left = Array.from({ length: part.last - part.first + 1 }, (_, i) => part.first + i).filter(
          (layer) => !told.has(layer),
        );
        const [running] = left;
        losses.set(running, (losses.get(running) ?? 0) + 1);
        const isKiller = losses.get(running) === MOST_LOST;
        const { title } = (error as UserError).diagnostic;
        if (isKiller) tell(running, { outcome: "lost", why: title }, place.runner.board);
        open.push(...(isKiller ? left.slice(1) : left).map((layer) => ({ first: layer, last: layer })));
        notice(`\`${place.runner.board}\` is left out: ${title}; its work goes to the others`);
        return;
      }
    }
  };
  while (open.length > 0) {
    const ended = await Promise.allSettled([...places].map(work));
    const failed = ended.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}

function isLoss(error: unknown): boolean {
  const exit = error instanceof UserError ? error.diagnostic.exit : undefined;
  return exit === "boardUnreachable" || exit === "boardRefused" || exit === "runFailed";
}

function partsOf({ first, last }: Part, boards: number): Part[] {
  if (boards === 1) return [{ first, last }];
  const size = Math.ceil((last - first + 1) / (PARTS * boards));
  const parts: Part[] = [];
  for (let at = first; at <= last; at += size) parts.push({ first: at, last: Math.min(last, at + size - 1) });
  return parts;
}
