import type { Sizes } from "../../language/kernel.ts";
import { divisors } from "../../schedule/choose.ts";

/** Rows of windows that are computed at a time, at most: the more, the fewer rows are carried over; the fewer, the nearer they all stay. */
const MOST_ROWS = 2;
/** Parts of the channels that a few threads share well; each reads the input anew. */
const PARTS = 4;
/** Channels of a part, at least: fewer make poor tiles. */
const LEAST_CHANNELS = 8;

/** How a map of so many channels, and as many rows of windows, is divided. */
export function bandsFor(channels: number, rows: number, lanes: number): Sizes<"CB BR"> {
  const BR = Math.max(...divisors(rows).filter((n) => n <= MOST_ROWS));
  const blocks = divisors(channels, lanes).filter((n) => n >= LEAST_CHANNELS);
  const CB = blocks.filter((n) => n * PARTS <= channels).at(-1) ?? blocks[0] ?? channels;
  return { CB, BR };
}
