import type { ExecutedProducts } from "../op.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { type StrassenSizes, strassen } from "./strassen.kernel.ts";
import { strassenInLanes } from "./strassen.schedules.ts";
import { PRODUCTS } from "./strassen-weights.ts";

/** Instructions for a pair of pixels beside its products, of a vector of channels of a half: the inputs' sums, and the outputs'. */
export const SUMS = { inputs: 15, outputs: 21 } as const;

/** Each instruction of the sums as a multiply-add. */
function executes({ N, G, RB, TR, CB, TC, HOC, HIC }: StrassenSizes): ExecutedProducts {
  const pairs = N * G * RB * TR * CB * TC;
  return {
    products: pairs * PRODUCTS * HOC * HIC,
    transforms: pairs * (SUMS.inputs * HIC + SUMS.outputs * HOC),
  };
}

/** 1x1 convolutions by products of halves. */
export const strassenConvolutions = operatorsIn("strassen", {
  strassen: {
    kernel: strassen,
    schedules: { "in-lanes": strassenInLanes, plain },
    pick: () => "in-lanes",
    macs: (d) => d.N * d.G * 4 * d.HOC * d.HIC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW),
    executes,
  },
});
