import type { ExecutedProducts } from "../op.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { type StrassenSizes, strassen } from "./strassen.kernel.ts";
import { strassenInLanes } from "./strassen.schedules.ts";
import { PRODUCTS } from "./strassen-weights.ts";

/** Instructions for a pair of pixels and a vector of channels of a half: the inputs' sums and the outputs', counted in C. */
const [INPUT_SUMS, OUTPUT_SUMS] = [15, 21];

/** Each instruction of the sums as a multiply-add. */
function executes({ N, G, RB, TR, CB, TC, HOC, HIC }: StrassenSizes): ExecutedProducts {
  const pairs = N * G * RB * TR * CB * TC;
  return {
    products: pairs * PRODUCTS * HOC * HIC,
    transforms: pairs * (INPUT_SUMS * HIC + OUTPUT_SUMS * HOC),
  };
}

/** 1x1 convolutions by products of halves. */
export const strassenConvolutions = operatorsIn("strassen", {
  strassen: {
    kernel: strassen,
    schedules: { "in-lanes": strassenInLanes, plain },
    pick: () => "in-lanes",
    macs: (d) => d.N * d.G * d.OC * d.IC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW),
    executes,
    inPlace: "r",
  },
});
