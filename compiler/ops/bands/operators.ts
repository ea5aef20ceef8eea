import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { bandsInLanes, pickBands } from "./bands.schedules.ts";
import { type BandSizes, conv2dDepthwise } from "./conv2d-depthwise.kernel.ts";
import { conv2dMaxPool } from "./conv2d-max-pool.kernel.ts";

const mapMacs = (d: BandSizes): number => d.N * d.G * d.OC * d.IC * d.PH * d.VSH * d.OW * d.KH * d.KW;

const BANDS = { schedules: { "in-lanes": bandsInLanes, plain }, pick: pickBands } as const;

/** Convolutions, and windows that go over their maps while these are made. */
export const bands = operatorsIn("bands", {
  "conv2d-depthwise": {
    kernel: conv2dDepthwise,
    ...BANDS,
    macs: (d: BandSizes) => mapMacs(d) + d.N * d.G * d.OC * d.PH * d.PW * d.VH * d.VW,
  },
  "conv2d-max-pool": { kernel: conv2dMaxPool, ...BANDS, macs: mapMacs },
});
