import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { FOUR } from "./dot.ts";
import { int8Conv } from "./int8-conv.kernel.ts";
import { int8InLanes } from "./int8-conv.schedules.ts";

/** Instructions that make four numbers i8, counted in C. */
export const QUANTIZING = 7;

/** Convolutions of 8-bit numbers, whose products are summed in 32 bits. */
export const int8Convolutions = operatorsIn("int8", {
  "int8-conv": {
    kernel: int8Conv,
    schedules: { "in-lanes": int8InLanes, plain },
    pick: () => "in-lanes",
    macs: (d) => d.N * d.G * d.OC * d.IC * d.KH * d.KW * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW),
    executes: (d) => ({
      products: (d.N * d.G * d.OC * d.IC * d.KH * d.KW * d.OH * d.OW) / FOUR,
      transforms: d.N * d.G * d.RB * d.VH * d.VW * d.IC * QUANTIZING,
    }),
    inPlace: "r",
  },
});
