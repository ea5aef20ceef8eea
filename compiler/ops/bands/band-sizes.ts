import type { Sizes } from "../../language/kernel.ts";
import { divisors } from "../../schedule/choose.ts";

/** Rows of windows that are computed at a time, at most: the more, the fewer rows are carried over; the fewer, the nearer they all stay. */
const MOST_ROWS = 2;
/** Parts of the channels, at least, so that a few threads have as much to do; each reads the input anew. */
export const PARTS = 4;
/** Vectors of channels in a part, at least, where there are more: fewer make poor tiles. */
const VECTORS = 2;

/** How a map of so many channels, and as many rows of windows, is divided. */
export function bandsFor(channels: number, rows: number, lanes: number): Sizes<"CB BR"> {
  const BR = Math.max(...divisors(rows).filter((n) => n <= MOST_ROWS));
  const blocks = divisors(channels, lanes);
  const shared = blocks.filter((n) => n * PARTS <= channels && n >= VECTORS * lanes);
  const CB = shared.at(-1) ?? blocks.find((n) => n >= VECTORS * lanes) ?? channels;
  return { CB, BR };
}
