import { type ActivationOp, NO_CLAMP } from "../../../graph/graph.ts";
import type { ActivationName } from "../../../ops/activation/activations.ts";

/** A function of each element as a node; alpha and beta as the function's row in ops/activation/activations.ts says. */
export function functionOp(fn: ActivationName, alpha = 0, beta = 0): ActivationOp {
  return { kind: "activation", activation: { fn, alpha, beta }, clamp: NO_CLAMP };
}
