import type { Sizes } from "../../language/kernel.ts";
import { productSteps, weightSteps, wholeNumbers } from "../../ops/int8/int8-weights.ts";
import { offsetOf } from "../grids.ts";
import { type Convolution, constantWeights } from "./convolution.ts";

/** By the weights and their output channels: plans are made of a convolution several times, and convolutions may share weights. */
const known = new WeakMap<Float32Array, Map<number, Float32Array | undefined>>();

function scalesOf(weights: Float32Array, channels: number): Float32Array | undefined {
  const found = known.get(weights) ?? new Map<number, Float32Array | undefined>();
  known.set(weights, found);
  if (!found.has(channels)) found.set(channels, weightSteps(weights, channels)?.scales);
  return found.get(channels);
}

/** Of a convolution whose inputs and weights are 8-bit numbers of steps: what those are (ConvDims); nothing of others. */
export function int8Dims(conv: Convolution): Sizes<"", "SCALE OFFSET WHOLE_BIAS"> {
  const { grid, output, bias } = conv;
  const OFFSET = grid && offsetOf(grid);
  if (grid === undefined || OFFSET === undefined || !isNormal(1 / grid.alpha)) return {};
  const SCALE = grid.alpha;
  const scales = scalesOf(constantWeights(conv), output.c);
  // what a product of steps is has all its digits
  if (!scales?.every((scale) => scale === 0 || isNormal(scale * SCALE))) return {};
  const isWhole = bias !== undefined && wholeNumbers(bias, productSteps(scales, SCALE)) !== undefined;
  return { SCALE, OFFSET, ...(isWhole && { WHOLE_BIAS: 1 }) };
}

/** Whether the nearest f32 is neither infinite nor so small that it has fewer digits. */
function isNormal(v: number): boolean {
  const size = Math.abs(Math.fround(v));
  return size >= 2 ** -126 && size < Number.POSITIVE_INFINITY;
}
