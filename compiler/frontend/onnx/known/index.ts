import type { OperatorImporter } from "../operator.ts";
import { knownConversions } from "./convert.ts";
import { knownElementwise } from "./elementwise.ts";
import { knownMakers } from "./make.ts";
import { knownPicks } from "./pick.ts";
import { knownProducts } from "./product.ts";
import { knownQuantization } from "./quantize.ts";
import { knownReductions } from "./reduce.ts";
import { knownShapes } from "./shapes.ts";

/** Operators that are computed while importing where all that they read is known. */
export const EVALUATORS: readonly OperatorImporter[] = [
  ...knownConversions,
  ...knownElementwise,
  ...knownMakers,
  ...knownPicks,
  ...knownProducts,
  ...knownQuantization,
  ...knownReductions,
  ...knownShapes,
];
