import { isNormal } from "../../ir/dtype.ts";
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
  /** Of each output channel the sum of the sizes of its weights. */
  readonly sizes: Float64Array;
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
        sizes: sizesOf(weights, shape.rows),
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

/** Of any input: 255 steps from what stands for zero. */
const MOST_STEPS = 255;

/** Steps of an output that its sums may be, bias included; undefined where products of steps would lose digits as such, or nothing is counted. */
export function mostSteps(conv: Convolution, into: number): number | undefined {
  const { grid, bias } = conv;
  const weights = typeof conv.weights === "function" ? stepsOf(conv) : undefined;
  if (grid === undefined || offsetOf(grid) === undefined || weights === undefined) return undefined;
  const { scales, sizes } = weights;
  if (!scales.every((scale) => scale === 0 || isNormal((scale * grid.alpha) / into))) return undefined;
  const most = sizes.map((size, i) => (size * grid.alpha * MOST_STEPS + Math.abs(bias?.[i] ?? 0)) / into);
  return most.reduce((a, b) => Math.max(a, b), 0);
}

function sizesOf(weights: Float32Array, rows: number): Float64Array {
  const size = weights.length / rows;
  return Float64Array.from({ length: rows }, (_, row) =>
    weights.subarray(row * size, (row + 1) * size).reduce((sum, w) => sum + Math.abs(w), 0),
  );
}
