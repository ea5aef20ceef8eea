import { MAP } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { add } from "./add.kernel.ts";
import { elementwise } from "./elementwise.kernel.ts";
import { elementwiseInLanes } from "./elementwise.schedules.ts";
import { mul } from "./mul.kernel.ts";
import { where } from "./where.kernel.ts";

/** What joins tensors element by element. */
export const elementwiseOperators = operatorsIn("elementwise", {
  add: { kernel: add, ...MAP, inPlace: "a", halves: "computed" },
  mul: { kernel: mul, ...MAP, inPlace: "a", halves: "computed" },
  elementwise: {
    kernel: elementwise,
    ...MAP,
    schedules: { ...MAP.schedules, "in-lanes": elementwiseInLanes },
  },
  where: { kernel: where, ...MAP },
});
