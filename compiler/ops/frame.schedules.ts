import type { Schedule } from "../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";

type Axes = "n" | "c" | "h" | "w";

/** Channels that are written out for each pixel: more would be more than registers for their constants. */
const MOST_CHANNELS = 4;

/** All channels of a pixel written out: the C compiler makes vectors of the loop over the pixels of a row. */
export const pixelsInRows: NamedSchedule = (generic, d): Scheduled => {
  const s = generic as Schedule<Axes>;
  if (d.C > MOST_CHANNELS)
    return { schedule: s.reorder("n", "c", "h", "w").parallel("n", "c", "h"), choice: "channel by channel" };
  return { schedule: s.unroll("c").parallel("n", "h"), choice: "pixel by pixel" };
};
