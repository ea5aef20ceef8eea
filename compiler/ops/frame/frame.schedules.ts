import type { Sizes } from "../../language/kernel.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";

type Axes = "n" | "c" | "h" | "w";

/** Channels that are written out for each pixel: more would be more than registers for their constants. */
const MOST_CHANNELS = 4;
/** More products than these are not written out. */
const WRITTEN_OUT = 4;

/** Sums of rows with their taps written out, which the C compiler makes vectors of, then pixels one after another. */
export const linesOfRows: NamedSchedule<Sizes<"KH KW Q">> = (generic, d): Scheduled => {
  const s = generic as Schedule<"n" | "p" | "h" | "l" | "kh" | "q" | "w" | "kw">;
  const written = (
    [
      ["kh", d.KH],
      ["kw", d.KW],
    ] as const
  ).flatMap(([axis, taps]) => (taps <= WRITTEN_OUT ? [axis] : []));
  const pixels = d.Q <= MOST_CHANNELS ? (["q"] as const) : [];
  return { schedule: s.unroll(...written, ...pixels).parallel("n", "p", "h"), choice: "line by line" };
};

/** All channels of a pixel written out: the C compiler makes vectors of the loop over the pixels of a row. */
export const pixelsInRows: NamedSchedule<Sizes<"C">> = (generic, d): Scheduled => {
  const s = generic as Schedule<Axes>;
  if (d.C > MOST_CHANNELS)
    return { schedule: s.reorder("n", "c", "h", "w").parallel("n", "c", "h"), choice: "channel by channel" };
  return { schedule: s.unroll("c").parallel("n", "h"), choice: "pixel by pixel" };
};
