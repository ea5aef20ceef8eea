import { by, none } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { pickByChannels, pickOrRows, plain } from "../plain.schedules.ts";
import { constant } from "./constant.kernel.ts";
import { copy } from "./copy.kernel.ts";
import { constantRuns, contiguous } from "./copy.schedules.ts";
import { fillHalo } from "./fill-halo.kernel.ts";
import { haloInLanes } from "./halo.schedules.ts";
import { pad } from "./pad.kernel.ts";
import { padInLanes } from "./pad.schedules.ts";
import { take } from "./take.kernel.ts";
import { takeInLanes, takeRows, takeRuns } from "./take.schedules.ts";
import { takeAxis } from "./take-axis.kernel.ts";

/** What moves elements, fills or borders memory. */
export const moves = operatorsIn("move", {
  copy: { kernel: copy, ...by("contiguous", contiguous), oneByOne: true, halves: "computed" },
  constant: { kernel: constant, ...by("runs", constantRuns) },
  pad: { kernel: pad, schedules: { "in-lanes": padInLanes, plain }, pick: pickByChannels, macs: none },
  take: {
    kernel: take,
    schedules: { "in-lanes": takeInLanes, rows: takeRows, plain },
    pick: pickOrRows,
    macs: none,
  },
  "take-axis": { kernel: takeAxis, ...by("runs", takeRuns) },
  "fill-halo": {
    kernel: fillHalo,
    schedules: { "in-lanes": haloInLanes, plain },
    pick: pickByChannels,
    macs: none,
    borders: true,
    halves: "computed",
  },
});
