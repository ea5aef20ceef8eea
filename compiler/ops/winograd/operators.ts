import type { ExecutedProducts, Operator } from "../op.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { type InLanes, winograd2InLanes, winograd4InLanes, winograd6InLanes } from "./winograd.schedules.ts";
import { F2, F4, F6, productsOf, type Winograd } from "./winograd-blocks.ts";
import { type WinogradSizes, winograd2 } from "./winograd2.kernel.ts";
import { winograd4 } from "./winograd4.kernel.ts";
import { winograd6 } from "./winograd6.kernel.ts";

/** Of the convolution that is computed; the overhang of the tiles is no work anyone asked for. */
const winogradMacs = (d: WinogradSizes): number =>
  d.N * d.G * d.OC * d.IC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW) * 9;

/** Products in all lanes, channels that only fill vectors too, and transforms, each instruction as a multiply-add. */
function executes(winograd: Winograd, d: WinogradSizes): ExecutedProducts {
  const { inputTransform, outputTransform } = winograd;
  const tiles = d.N * d.G * d.RB * d.TR * d.CB * d.TC;
  return {
    products: tiles * productsOf(winograd) * d.OC * d.IC,
    transforms: tiles * (inputTransform * d.IC + outputTransform * d.OC),
  };
}

const family = (winograd: Winograd, inLanes: InLanes): Omit<Operator<WinogradSizes>, "kernel"> => ({
  schedules: { "in-lanes": inLanes, plain },
  pick: () => "in-lanes",
  macs: winogradMacs,
  executes: (d) => executes(winograd, d),
});

/** 3x3 convolutions by transforms of F(2x2), F(4x4) and F(6x6). */
export const winogradConvolutions = operatorsIn("winograd", {
  winograd2: { kernel: winograd2, ...family(F2, winograd2InLanes) },
  winograd4: { kernel: winograd4, ...family(F4, winograd4InLanes) },
  winograd6: { kernel: winograd6, ...family(F6, winograd6InLanes) },
});
