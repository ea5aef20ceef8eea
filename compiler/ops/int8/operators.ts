import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { int8Conv } from "./int8-conv.kernel.ts";
import { int8InLanes } from "./int8-conv.schedules.ts";
import { int8Depthwise } from "./int8-depthwise.kernel.ts";
import { int8ChannelsInLanes } from "./int8-depthwise.schedules.ts";

/** Instructions that make a vector of numbers i8, counted in C: of four f32, of eight f16. */
export const QUANTIZING = { f32: 7, f16: 5 } as const;

/** Products of a lane that one instruction computes. */
const PRODUCTS = { dot: 4, long: 2 } as const;

/** A sum of so many products of any numbers of i8, as some of 8 bits: the root of their mean squares, and of the numbers of a map. */
function usual(products: number): Readonly<Record<string, number>> {
  const [number, map] = [74, 60];
  return { s: map / (number ** 2 * Math.sqrt(products)) };
}

/** Convolutions of 8-bit numbers, whose products are summed in 32 bits. */
export const int8Convolutions = operatorsIn("int8", {
  "int8-conv": {
    kernel: int8Conv,
    schedules: { "in-lanes": int8InLanes, plain },
    pick: () => "in-lanes",
    macs: (d) => d.N * d.G * d.OC * d.PC * d.KH * d.KW * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW),
    executes: (d) => ({
      products:
        (d.N * d.G * d.OC * d.PC * d.KH * d.KW * d.OH * d.OW) /
        PRODUCTS[d.TERMS === undefined ? "dot" : "long"],
      transforms: d.N * d.G * d.RB * d.VH * d.VW * d.IC * QUANTIZING.f32,
    }),
    usual: (d) => usual(d.PC * d.KH * d.KW),
    inPlace: "r",
    halves: "stored",
  },
  "int8-depthwise": {
    kernel: int8Depthwise,
    schedules: { "in-lanes": int8ChannelsInLanes, plain },
    pick: () => "in-lanes",
    macs: (d) => d.N * d.G * d.KH * d.KW * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW),
    usual: (d) => usual(d.KH * d.KW),
  },
});
