import { none } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { pickByChannels, plain } from "../plain.schedules.ts";
import { instanceNorm } from "./instance-norm.kernel.ts";
import { layerNorm } from "./layer-norm.kernel.ts";
import { lrn } from "./lrn.kernel.ts";
import { neighboursInLanes } from "./lrn.schedules.ts";
import { mapsInLanes, pickRows, rowsInLanes } from "./norm.schedules.ts";

/** Means and variances, and what is scaled by them. */
export const normalizations = operatorsIn("norm", {
  "instance-norm": {
    kernel: instanceNorm,
    schedules: { "in-lanes": mapsInLanes, plain },
    pick: pickByChannels,
    macs: none,
  },
  lrn: { kernel: lrn, schedules: { "in-lanes": neighboursInLanes, plain }, pick: pickByChannels, macs: none },
  "layer-norm": {
    kernel: layerNorm,
    schedules: { "in-lanes": rowsInLanes, plain },
    pick: pickRows,
    macs: none,
  },
});
