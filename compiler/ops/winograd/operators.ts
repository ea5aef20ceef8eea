import type { Dims } from "../../language/kernel.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { winograd2InLanes, winograd4InLanes, winograd6InLanes } from "./winograd.schedules.ts";
import { winograd2 } from "./winograd2.kernel.ts";
import { winograd4 } from "./winograd4.kernel.ts";
import { winograd6 } from "./winograd6.kernel.ts";

/** Of the convolution that is computed; the overhang of the tiles is no work anyone asked for. */
const winogradMacs = (d: Dims): number =>
  d.N * d.G * d.OC * d.IC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW) * 9;

const WINOGRAD = { pick: () => "in-lanes", macs: winogradMacs } as const;

/** 3x3 convolutions by transforms of F(2x2), F(4x4) and F(6x6). */
export const winogradConvolutions = operatorsIn("winograd", {
  winograd2: { kernel: winograd2, ...WINOGRAD, schedules: { "in-lanes": winograd2InLanes, plain } },
  winograd4: { kernel: winograd4, ...WINOGRAD, schedules: { "in-lanes": winograd4InLanes, plain } },
  winograd6: { kernel: winograd6, ...WINOGRAD, schedules: { "in-lanes": winograd6InLanes, plain } },
});
