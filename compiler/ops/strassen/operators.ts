import type { Sizes } from "../../language/kernel.ts";
import type { ExecutedProducts } from "../op.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { type StrassenSizes, strassen } from "./strassen.kernel.ts";
import { strassenInLanes } from "./strassen.schedules.ts";
import { type StrassenOddSizes, strassenOdd } from "./strassen-odd.kernel.ts";
import { strassenOddInLanes } from "./strassen-odd.schedules.ts";
import { PRODUCTS } from "./strassen-weights.ts";

/** Instructions for a pair of pixels and a vector of channels of a half: the inputs' sums and the outputs', counted in C. */
const [INPUT_SUMS, OUTPUT_SUMS] = [15, 21];

/** Each instruction of the sums as a multiply-add. */
function executed({ N, G, HOC, RC }: Sizes<"N G HOC RC">, pairs: number): ExecutedProducts {
  return {
    products: N * G * pairs * PRODUCTS * HOC * RC,
    transforms: N * G * pairs * (INPUT_SUMS * RC + OUTPUT_SUMS * HOC),
  };
}

const macs = (d: StrassenSizes | StrassenOddSizes): number =>
  d.N * d.G * d.OC * 2 * d.RC * (d.ROWS ?? d.OH) * (d.COLUMNS ?? d.OW);

/** Convolutions by products of halves. */
export const strassenConvolutions = operatorsIn("strassen", {
  strassen: {
    kernel: strassen,
    schedules: { "in-lanes": strassenInLanes, plain },
    pick: () => "in-lanes",
    macs,
    executes: (d) => executed(d, d.RB * d.TR * d.CB * d.TC),
    inPlace: "r",
  },
  "strassen-odd": {
    kernel: strassenOdd,
    schedules: { "in-lanes": strassenOddInLanes, plain },
    pick: () => "in-lanes",
    macs,
    executes: (d) => executed(d, d.TC),
    inPlace: "r",
  },
});
