import type { Sizes } from "../../language/kernel.ts";
import {
  productSteps,
  rowsIn16Bits,
  summedIn16Bits,
  weightSteps,
  wholeNumbers,
} from "../../ops/int8/int8-weights.ts";
import { offsetOf } from "../grids.ts";
import { type Convolution, constantWeights } from "./convolution.ts";

/** By the weights and their shapes: plans are made of a convolution several times, and convolutions may share weights. */
const known = new WeakMap<Float32Array, Map<string, Known | undefined>>();
interface Known {
  readonly scales: Float32Array;
  /** Products that 16 bits hold the sum of. */
  readonly terms: number;
  /** Whether numbers of steps are shifted. */
  readonly shifted: boolean;
}

function stepsOf(conv: Convolution): Known | undefined {
  const { input, output, groups, kernel } = conv;
  const weights = constantWeights(conv);
  const [KH, KW] = kernel;
  const shape = { rows: output.c, IC: input.c / groups, KH, KW };
  const found = known.get(weights) ?? new Map<string, Known | undefined>();
  known.set(weights, found);
  const key = [...Object.values(shape), groups].join();
  if (!found.has(key)) {
    const of = weightSteps(weights, shape.rows);
    const isAlone = shape.IC === 1 && shape.rows === groups;
    found.set(
      key,
      of && {
        scales: of.scales,
        terms: isAlone ? rowsIn16Bits(of.steps, shape) : summedIn16Bits(of, { IC: shape.IC, taps: KH * KW }),
        shifted: of.shifts.some((n) => n !== 0),
      },
    );
  }
  return found.get(key);
}

/** Of a convolution whose inputs and weights are 8-bit numbers of steps: what those are (ConvDims); nothing of others. */
export function int8Dims(conv: Convolution): Sizes<"", "SCALE OFFSET WHOLE_BIAS TERMS SHIFTED"> {
  const { grid, bias } = conv;
  const OFFSET = grid && offsetOf(grid);
  if (grid === undefined || OFFSET === undefined || !isNormal(1 / grid.alpha)) return {};
  const SCALE = grid.alpha;
  const weights = stepsOf(conv);
  // what a product of steps is has all its digits
  if (!weights?.scales.every((scale) => scale === 0 || isNormal(scale * SCALE))) return {};
  const { scales, terms: TERMS, shifted } = weights;
  const isWhole = bias !== undefined && wholeNumbers(bias, productSteps(scales, SCALE)) !== undefined;
  return { SCALE, OFFSET, TERMS, ...(shifted && { SHIFTED: 1 }), ...(isWhole && { WHOLE_BIAS: 1 }) };
}

/** Whether the nearest f32 is neither infinite nor so small that it has fewer digits. */
function isNormal(v: number): boolean {
  const size = Math.abs(Math.fround(v));
  return size >= 2 ** -126 && size < Number.POSITIVE_INFINITY;
}
