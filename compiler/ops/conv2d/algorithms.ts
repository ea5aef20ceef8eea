import { int8 } from "../int8/algorithm.ts";
import type { OpCall } from "../op.ts";
import { strassen } from "../strassen/algorithm.ts";
import { winograd } from "../winograd/algorithm.ts";
import type { ConvAlgorithm } from "./algorithm.ts";

/** How convolutions are computed, beside by plain sums. A new algorithm is a folder of compiler/ops and its line here. */
const ALGORITHMS = [winograd, strassen, int8] as const;

type All<Of> = (Of extends unknown ? (one: Of) => void : never) extends (all: infer A) => void ? A : never;

/** All of them, whatever operators they have. */
export const convAlgorithms: readonly ConvAlgorithm[] = ALGORITHMS;

/** The operators of all algorithms. */
export const algorithmOperators = Object.fromEntries(
  convAlgorithms.flatMap(({ operators }) => Object.entries(operators)),
) as All<(typeof ALGORITHMS)[number]["operators"]>;

/** The algorithm that an operator belongs to; undefined for plain sums and all that convolves nothing. */
export function algorithmOf(op: string): ConvAlgorithm | undefined {
  return convAlgorithms.find(({ operators }) => Object.hasOwn(operators, op));
}

/** How many rows of a convolution a call computes by an algorithm; undefined of all others, whatever they call ROWS. */
export function algorithmRows({ op, dims }: OpCall): number | undefined {
  return algorithmOf(op) && dims.ROWS;
}
