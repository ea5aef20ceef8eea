import { BESIDE, type TuneLine, type Winner } from "../tune-record.ts";

/** Two records of one workload, of which one is to be taken: of the same board first, then measured before modelled, one thread before several; of equals the later. */
function better(a: Winner | undefined, b: Winner, board: string | undefined): Winner {
  if (a === undefined) return b;
  const rank = ({ place }: Winner): number =>
    (isOf(place, board) ? 0 : 4) + (place.kind === "measured" ? 0 : 2) + (place.threads === 1 ? 0 : 1);
  return rank(b) <= rank(a) ? b : a;
}

/** Of several boards that were tuned together each has taken part. */
function isOf({ board: boards }: Winner["place"], board: string | undefined): boolean {
  return board !== undefined && boards.split(BESIDE).includes(board);
}

/**
 * The record to be taken of each of what `keyOf` tells apart.
 * @param board whose own records come first, before others of its core
 */
export function bestBy(
  lines: readonly TuneLine[],
  keyOf: (winner: Winner) => string,
  board?: string,
): ReadonlyMap<string, Winner> {
  const best = new Map<string, Winner>();
  for (const line of lines)
    if (line.kind === "winner") best.set(keyOf(line), better(best.get(keyOf(line)), line, board));
  return best;
}

/** What a kernel's cost hangs on beside the kernel, whichever board it is: records serve where this is the same. */
export function servesAlike({ workload, place: { core, isa, made } }: Winner): string {
  return JSON.stringify([core, isa, made, workload]);
}
