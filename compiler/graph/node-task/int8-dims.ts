import type { Sizes } from "../../language/kernel.ts";
import { productSteps, weightSteps, wholeNumbers } from "../../ops/int8/int8-weights.ts";
import { offsetOf } from "../grids.ts";
import { type Convolution, constantWeights } from "./convolution.ts";

/** By the weights and their output channels: plans are made of a convolution several times, and convolutions may share weights. */
const known = new WeakMap<Float32Array, Map<number, Known | undefined>>();
interface Known {
  readonly scales: Float32Array;
  /** Of the numbers of steps. */
  readonly least: number;
}

function stepsOf(weights: Float32Array, channels: number): Known | undefined {
  const found = known.get(weights) ?? new Map<number, Known | undefined>();
  known.set(weights, found);
  if (!found.has(channels)) {
    const of = weightSteps(weights, channels);
    found.set(channels, of && { scales: of.scales, least: of.steps.reduce((a, b) => Math.min(a, b), 0) });
  }
  return found.get(channels);
}

/** Of a convolution whose inputs and weights are 8-bit numbers of steps: what those are (ConvDims); nothing of others. */
export function int8Dims(conv: Convolution): Sizes<"", "SCALE OFFSET WHOLE_BIAS LEAST"> {
  const { grid, output, bias } = conv;
  const OFFSET = grid && offsetOf(grid);
  if (grid === undefined || OFFSET === undefined || !isNormal(1 / grid.alpha)) return {};
  const SCALE = grid.alpha;
  const weights = stepsOf(constantWeights(conv), output.c);
  // what a product of steps is has all its digits
  if (!weights?.scales.every((scale) => scale === 0 || isNormal(scale * SCALE))) return {};
  const { scales, least: LEAST } = weights;
  const isWhole = bias !== undefined && wholeNumbers(bias, productSteps(scales, SCALE)) !== undefined;
  return { SCALE, OFFSET, LEAST, ...(isWhole && { WHOLE_BIAS: 1 }) };
}

/** Whether the nearest f32 is neither infinite nor so small that it has fewer digits. */
function isNormal(v: number): boolean {
  const size = Math.abs(Math.fround(v));
  return size >= 2 ** -126 && size < Number.POSITIVE_INFINITY;
}
