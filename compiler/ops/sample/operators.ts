import { PLAIN } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { POOL } from "../pool/operators.ts";
import { gridTaps } from "./grid-taps.kernel.ts";
import { roiTaps } from "./roi-taps.kernel.ts";
import { sample } from "./sample.kernel.ts";
import { sampleMax } from "./sample-max.kernel.ts";

/** Elements between elements: where they lie and what they are. */
export const samplings = operatorsIn("sample", {
  "grid-taps": { kernel: gridTaps, ...PLAIN },
  "roi-taps": { kernel: roiTaps, ...PLAIN },
  sample: { kernel: sample, ...POOL, macs: (d) => d.N * d.C * d.OH * d.OW * d.KH * d.KW },
  "sample-max": { kernel: sampleMax, ...POOL },
});
