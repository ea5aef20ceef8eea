import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { depthwise, spatialPack } from "./classic.schedules.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";
import { conv2d } from "./conv2d.kernel.ts";
import { direct, groupsInLanes, pickConv2d, planar } from "./conv2d.schedules.ts";
import { conv2dGlobalPool } from "./conv2d-global-pool.kernel.ts";
import { pickPooled, pooledPointwise } from "./conv2d-global-pool.schedules.ts";
import { dynamicConv2d } from "./dynamic-conv2d.kernel.ts";
import { gspc } from "./gspc.schedules.ts";
import { asOneRow } from "./one-row.ts";
import { pointwise } from "./pointwise.schedules.ts";
import { asRowsOfPixels } from "./rows-of-pixels.ts";

const convMacs = (d: ConvSizes): number => d.N * d.G * d.OC * d.IC * d.OH * d.OW * d.KH * d.KW;

/** Of a layer where none are given. */
const USUAL = { N: 1, G: 1, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1 } satisfies Partial<ConvSizes>;

/** Convolutions, and those whose map is averaged at once. */
export const convolutions = operatorsIn("conv2d", {
  conv2d: {
    kernel: conv2d,
    schedules: {
      direct,
      "groups-in-lanes": groupsInLanes,
      pointwise,
      depthwise,
      "spatial-pack": spatialPack,
      planar,
      gspc,
    },
    pick: pickConv2d,
    macs: convMacs,
    inPlace: "r",
    layer: { kind: "convolution", sizes: USUAL },
    halves: "computed",
    inNode: asRowsOfPixels,
    inSchedule: { pointwise: asOneRow },
  },
  "dynamic-conv2d": {
    kernel: dynamicConv2d,
    schedules: { direct, "groups-in-lanes": groupsInLanes, pointwise, planar },
    pick: pickConv2d,
    macs: convMacs,
    inPlace: "r",
    layer: { kind: "dynamic-convolution", sizes: USUAL },
    inNode: asRowsOfPixels,
    inSchedule: { pointwise: asOneRow },
  },
  "conv2d-global-pool": {
    kernel: conv2dGlobalPool,
    schedules: { pointwise: pooledPointwise, plain },
    pick: pickPooled,
    macs: convMacs,
  },
});
