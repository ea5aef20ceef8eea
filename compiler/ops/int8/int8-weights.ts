import type { Sizes } from "../../language/kernel.ts";
import { defined } from "../../support/assert.ts";
import { largestSum } from "../../support/largest-sum.ts";
import type { KernelExtents, PartWeights } from "../conv2d/algorithm.ts";

/** The greatest number of steps, of which weights are quantized symmetrically. */
const MOST = 127;
/** How far a weight may be from its number of steps, relative to it: rounded once as their product, and once more with a batch norm that was folded into it. */
const NEAR = 2 ** -22;

/** Weights as whole numbers of steps, with a step of their own for each output channel. */
export interface WeightSteps {
  /** As the weights lie. */
  readonly steps: Int8Array;
  readonly scales: Float32Array;
}

/** Weights of `rows` output channels by their steps; undefined where one has none: then they are not quantized. */
export function weightSteps(w: Float32Array, rows: number): WeightSteps | undefined {
  const size = w.length / rows;
  const steps = new Int8Array(w.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const of = w.subarray(row * size, (row + 1) * size);
    const scale = stepOf(of);
    if (scale === undefined) return undefined;
    scales[row] = scale;
    if (scale !== 0) for (let i = 0; i < size; i++) steps[row * size + i] = Math.round(of[i] / scale);
  }
  return { steps, scales };
}

/** The largest step of which all are whole numbers; 0 where all are 0. */
function stepOf(w: Float32Array): number | undefined {
  let most = 0;
  for (const v of w) most = Math.max(most, Math.abs(v));
  if (most === 0) return 0;
  for (let n = 1; n <= MOST + 1; n++) {
    const step = most / n;
    if (areWhole(w, step)) return Math.fround(step);
  }
  return undefined;
}

function areWhole(w: Float32Array, step: number): boolean {
  for (const v of w) {
    const steps = v / step;
    const whole = Math.round(steps);
    const isNear = Math.abs(steps - whole) <= NEAR * Math.abs(whole);
    if (!isNear || whole < -MOST - 1 || whole > MOST) return false;
  }
  return true;
}

/** What 16 bits hold, by what a number of i8 is at most, in size. */
const MOST_SUM = Math.floor((2 ** 15 - 1) / 2 ** 7);

/**
 * How many products of weights [rows, IC, taps] with any numbers of i8 fit into 16 bits when they are summed, 4 or 2; 1: not even two. Two do,
 * but for some of weights of -128.
 */
export function summedIn16Bits(
  steps: Int8Array,
  { rows, ...row }: { readonly rows: number; readonly IC: number; readonly taps: number },
): number {
  const size = row.IC * row.taps;
  const fits = (terms: number): boolean => {
    for (let i = 0; i < rows; i++) {
      if (largestSum(steps.subarray(i * size, (i + 1) * size), row, terms) > MOST_SUM) return false;
    }
    return true;
  };
  return [4, 2].find(fits) ?? 1;
}

/** What is multiplied with weights of PC channels and KH * KW taps: multiples of SCALE, whose number is OFFSET more than an i8. */
type Multiplied = Sizes<"SCALE OFFSET KH KW PC">;

/**
 * What the kernel is given for weights w [G, OC, IC, KH, KW], which are zeros behind the first PC channels: `u` [G, OC, KH, KW, PC], their
 * numbers of steps; `s` [G, OC], what one product of steps is; `c` [G, OC], OFFSET times the sum of u, and a bias as a number of s.
 */
export function dotWeights({ SCALE, OFFSET, KH, KW, PC }: Multiplied): readonly PartWeights[] {
  const channels = ({ G, OC }: KernelExtents): readonly number[] => [G, OC];
  const stepsOf = (w: Float32Array, { G, OC }: KernelExtents): WeightSteps =>
    defined(weightSteps(w, G * OC), "the steps of weights that have some");
  return [
    {
      param: "u",
      dtype: "i8",
      shape: ({ G, OC }) => [G, OC, KH, KW, PC],
      arrange: (w, held) => channelsLast(stepsOf(w, held).steps, { ...held, PC }, KH * KW),
    },
    {
      param: "s",
      shape: channels,
      arrange: (w, held) => productSteps(stepsOf(w, held).scales, SCALE),
    },
    {
      param: "c",
      shape: channels,
      arrange: (w, held, bias) => {
        const { steps, scales } = stepsOf(w, held);
        const size = held.IC * KH * KW;
        const biases =
          bias && defined(wholeNumbers(bias, productSteps(scales, SCALE)), "a bias of whole steps");
        return Int32Array.from({ length: held.G * held.OC }, (_, row) =>
          steps
            .subarray(row * size, (row + 1) * size)
            .reduce((sum, n) => sum + n * OFFSET, biases?.[row] ?? 0),
        );
      },
    },
  ];
}

/** What one product of steps is, of each output channel. */
export function productSteps(scales: Float32Array, scale: number): Float32Array {
  return scales.map((of) => of * scale);
}

/** In size; beside half of the products that there may be (algorithm.ts) all is below 2^31. */
const MOST_BIAS = 2 ** 29;

/** A bias as numbers of steps, each at its channel; undefined where one is no whole number of them. */
export function wholeNumbers(bias: Float32Array, steps: Float32Array): readonly number[] | undefined {
  const numbers = Array.from(bias, (b, i) => (b === 0 ? 0 : b / steps[i]));
  const isWhole = (n: number): boolean =>
    Math.abs(n) <= MOST_BIAS && Math.abs(n - Math.round(n)) <= NEAR * Math.abs(n);
  return numbers.every(isWhole) ? numbers.map(Math.round) : undefined;
}

/** [..., IC, taps] as [..., taps, PC]: the first PC channels. */
function channelsLast(steps: Int8Array, { G, OC, IC, PC }: Sizes<"G OC IC PC">, taps: number): Int8Array {
  const turned = new Int8Array(G * OC * taps * PC);
  let to = 0;
  for (let row = 0; row < steps.length; row += IC * taps)
    for (let tap = 0; tap < taps; tap++)
      for (let ic = 0; ic < PC; ic++) turned[to++] = steps[row + ic * taps + tap];
  return turned;
}
