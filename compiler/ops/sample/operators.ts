import { none, PLAIN } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { pickByChannels, plain } from "../plain.schedules.ts";
import { gridTaps } from "./grid-taps.kernel.ts";
import { roiTaps } from "./roi-taps.kernel.ts";
import { sample } from "./sample.kernel.ts";
import { placesInLanes } from "./sample.schedules.ts";
import { sampleMax } from "./sample-max.kernel.ts";

/** Channels in lanes, and what is joined for each place. */
const PLACES = {
  schedules: { "in-lanes": placesInLanes, plain },
  pick: pickByChannels,
  macs: none,
} as const;

/** Elements between elements: where they lie and what they are. */
export const samplings = operatorsIn("sample", {
  "grid-taps": { kernel: gridTaps, ...PLAIN },
  "roi-taps": { kernel: roiTaps, ...PLAIN },
  sample: { kernel: sample, ...PLACES, macs: (d) => d.N * d.C * d.OH * d.OW * d.KH * d.KW },
  "sample-max": { kernel: sampleMax, ...PLACES },
});
