import type { ExecutedProducts, Operator } from "../op.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import {
  type InLanes,
  winograd2InLanes,
  winograd4InLanes,
  winograd8x8InLanes,
} from "./winograd.schedules.ts";
import { eightPoints, F2, F4, productsOf, type Winograd } from "./winograd-tiles.ts";
import { type WinogradSizes, winograd2 } from "./winograd2.kernel.ts";
import { winograd4 } from "./winograd4.kernel.ts";
import { type PhasedSizes, winograd8x8 } from "./winograd8x8.kernel.ts";

/** Of the convolution that is computed, of K x K weights; the overhang of the tiles is no work anyone asked for. */
const macs = (d: WinogradSizes, weights: number): number =>
  d.N * d.G * d.OC * d.IC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW) * weights;

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
  macs: (d) => macs(d, 9),
  executes: (d) => executes(winograd, d),
});

/** Convolutions by transforms: of 3x3 weights F(2x2) and F(4x4), and all that have tiles of 8x8 inputs. */
export const winogradConvolutions = operatorsIn("winograd", {
  winograd2: { kernel: winograd2, ...family(F2, winograd2InLanes) },
  winograd4: { kernel: winograd4, ...family(F4, winograd4InLanes) },
  winograd8x8: {
    kernel: winograd8x8,
    schedules: { "in-lanes": winograd8x8InLanes, plain },
    pick: () => "in-lanes",
    macs: (d: PhasedSizes) => macs(d, (d.KH ?? d.S * (9 - d.T)) * (d.KW ?? d.S * (9 - d.T))),
    executes: (d: PhasedSizes) => executes(eightPoints(d.T, d.S), d),
  },
});
