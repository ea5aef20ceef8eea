import type { Sizes } from "../../language/kernel.ts";
import { weightSteps } from "../../ops/int8/int8-weights.ts";
import { offsetOf } from "../grids.ts";
import { type Convolution, constantWeights } from "./convolution.ts";

/** By the weights: plans are made of a convolution several times. */
const known = new WeakMap<Float32Array, boolean>();

/** Of a convolution whose inputs and weights are 8-bit numbers of steps: what those are (ConvDims); nothing of others. */
export function eightBits(conv: Convolution): Sizes<"", "STEP OFFSET"> {
  const { grid, output } = conv;
  const OFFSET = grid && offsetOf(grid);
  if (grid === undefined || OFFSET === undefined) return {};
  const weights = constantWeights(conv);
  const areSteps = known.get(weights) ?? weightSteps(weights, output.c) !== undefined;
  known.set(weights, areSteps);
  return areSteps ? { STEP: grid.alpha, OFFSET } : {};
}
