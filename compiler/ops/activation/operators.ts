import { MAP } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { activation } from "./activation.kernel.ts";
import { clamp } from "./clamp.kernel.ts";
import { prelu } from "./prelu.kernel.ts";

/** Functions of each element. */
export const activationOperators = operatorsIn("activation", {
  clamp: { kernel: clamp, ...MAP, inPlace: "x", halves: "computed" },
  activation: { kernel: activation, ...MAP, inPlace: "x", halves: "computed" },
  prelu: { kernel: prelu, ...MAP, halves: "computed" },
});
