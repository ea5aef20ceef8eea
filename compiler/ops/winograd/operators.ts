import type { ExecutedProducts, Operator } from "../op.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import type { PhasedSizes } from "./large-tiles.kernel.ts";
import {
  type InLanes,
  winograd2InLanes,
  winograd4InLanes,
  winogradLargeInLanes,
} from "./winograd.schedules.ts";
import { F2, F4, type LargeOp, largeTile, pointsOf, productsOf, type Winograd } from "./winograd-tiles.ts";
import { type WinogradSizes, winograd2 } from "./winograd2.kernel.ts";
import { winograd4 } from "./winograd4.kernel.ts";
import { winograd6x6 } from "./winograd6x6.kernel.ts";
import { winograd7x7 } from "./winograd7x7.kernel.ts";
import { winograd8x8 } from "./winograd8x8.kernel.ts";

/** Of the convolution that is computed, of K x K weights; the overhang of the tiles is no work anyone asked for. */
const macs = (d: WinogradSizes, weights: number): number =>
  d.N * d.G * d.OC * d.IC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW) * weights;

/** Products of all channels that are summed, and transforms of those that only fill vectors, too, each instruction as a multiply-add. */
function executes(winograd: Winograd, d: WinogradSizes, summed: number): ExecutedProducts {
  const { inputTransform, outputTransform } = winograd;
  const tiles = d.N * d.G * d.RB * d.TR * d.CB * d.TC;
  return {
    products: tiles * productsOf(winograd) * d.OC * summed,
    transforms: tiles * (inputTransform * d.IC + outputTransform * d.OC),
  };
}

const family = (winograd: Winograd, inLanes: InLanes): Omit<Operator<WinogradSizes>, "kernel"> => ({
  schedules: { "in-lanes": inLanes, plain },
  pick: () => "in-lanes",
  macs: (d) => macs(d, 9),
  executes: (d) => executes(winograd, d, d.IC),
});

const large = (op: LargeOp): Omit<Operator<PhasedSizes>, "kernel"> => {
  const tileOf = (d: PhasedSizes): Winograd => largeTile(op, d.T, d.S);
  return {
    schedules: { "in-lanes": winogradLargeInLanes(pointsOf(op)), plain },
    pick: () => "in-lanes",
    macs: (d) => {
      const { taps, stride } = tileOf(d).window;
      return macs(d, (d.KH ?? taps * stride) * (d.KW ?? taps * stride));
    },
    executes: (d) => executes(tileOf(d), d, d.RC),
  };
};

/** Convolutions by transforms: of 3x3 weights F(2x2) and F(4x4), and all that have tiles of 7x7 or 8x8 inputs, in f16 of 6x6. */
export const winogradConvolutions = operatorsIn("winograd", {
  winograd2: { kernel: winograd2, ...family(F2, winograd2InLanes), halves: "computed" },
  winograd4: { kernel: winograd4, ...family(F4, winograd4InLanes) },
  winograd6x6: { kernel: winograd6x6, ...large("winograd6x6"), halves: "computed" },
  winograd7x7: { kernel: winograd7x7, ...large("winograd7x7") },
  winograd8x8: { kernel: winograd8x8, ...large("winograd8x8") },
});
