import type { Sizes } from "../../language/kernel.ts";
import { defined } from "../../support/assert.ts";
import { largestSum, MOST_IN_16_BITS } from "../../support/largest-sum.ts";
import type { KernelExtents, PartWeights } from "../conv2d/algorithm.ts";

/** Numbers of steps are at most so far apart, 0 among them: shifted, all are numbers of i8. */
const MOST_SPAN = 255;
/** How far a weight may be from its number of steps, relative to it: rounded once as their product, and once more with a batch norm that was folded into it. */
const NEAR = 2 ** -22;

/** Weights as whole numbers of steps, with a step of their own for each output channel. */
export interface WeightSteps {
  /** As the weights lie, less the shift of their channel. */
  readonly steps: Int8Array;
  readonly scales: Float32Array;
  /** 0 of a channel whose numbers are those of i8 already. */
  readonly shifts: Int32Array;
}

/** Weights of `rows` output channels by their steps; undefined where one has none: then they are not quantized. */
export function weightSteps(w: Float32Array, rows: number): WeightSteps | undefined {
  const size = w.length / rows;
  const steps = new Int8Array(w.length);
  const scales = new Float32Array(rows);
  const shifts = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const of = w.subarray(row * size, (row + 1) * size);
    const found = stepOf(of);
    if (found === undefined) return undefined;
    const { step, shift } = found;
    scales[row] = step;
    shifts[row] = shift;
    if (step !== 0) for (let i = 0; i < size; i++) steps[row * size + i] = Math.round(of[i] / step) - shift;
  }
  return { steps, scales, shifts };
}

interface Step {
  readonly step: number;
  readonly shift: number;
}

/** The largest step of which all are whole numbers, and what to take from these; 0 where all are 0. */
function stepOf(w: Float32Array): Step | undefined {
  let most = 0;
  for (const v of w) most = Math.max(most, Math.abs(v));
  if (most === 0) return { step: 0, shift: 0 };
  for (let n = 1; n <= MOST_SPAN; n++) {
    const shift = shiftOf(w, most / n);
    if (shift !== undefined) return { step: Math.fround(most / n), shift };
  }
  return undefined;
}

/** What is in the middle of numbers of steps that are not all of i8; undefined where they are not whole, or too far apart. */
function shiftOf(w: Float32Array, step: number): number | undefined {
  let [lo, hi] = [0, 0];
  for (const v of w) {
    const steps = v / step;
    const whole = Math.round(steps);
    lo = Math.min(lo, whole);
    hi = Math.max(hi, whole);
    if (!(Math.abs(steps - whole) <= NEAR * Math.abs(whole)) || hi - lo > MOST_SPAN) return undefined;
  }
  return lo >= -128 && hi <= 127 ? 0 : Math.round((lo + hi) / 2);
}

/**
 * How many products of weights [rows, IC, taps] with any numbers of i8 fit into 16 bits when they are summed, 4 or 2; 1: not even two. Two do,
 * but for some of weights of -128.
 */
export function summedIn16Bits(
  { steps, shifts }: Pick<WeightSteps, "steps" | "shifts">,
  { IC, taps }: { readonly IC: number; readonly taps: number },
): number {
  const fits = (terms: number): boolean => {
    const filled = Math.ceil(IC / terms / 2) * terms * 2;
    const row = new Int8Array(filled * taps);
    return shifts.every((shift, i) => {
      row.set(steps.subarray(i * IC * taps, (i + 1) * IC * taps));
      // weights that only fill vectors are zeros: less their shift
      row.fill(-shift, IC * taps);
      return largestSum(row, { IC: filled, taps }, terms) <= MOST_IN_16_BITS;
    });
  };
  return [4, 2].find(fits) ?? 1;
}

/** The same of a channel by itself, [rows, KH, KW]: 2 where the products of two rows of its window fit. */
export function rowsIn16Bits(
  steps: Int8Array,
  { KH, KW }: { readonly KH: number; readonly KW: number },
): number {
  for (let at = 0; at < steps.length; at += KH * KW) {
    for (let kh = 0; kh + 1 < KH; kh += 2) {
      for (let i = at + kh * KW; i < at + (kh + 1) * KW; i++)
        if (Math.abs(steps[i]) + Math.abs(steps[i + KW]) > MOST_IN_16_BITS) return 1;
    }
  }
  return 2;
}

/**
 * What is multiplied with weights of PC channels and KH * KW taps: multiples of SCALE, whose number is OFFSET more than an i8. SHIFTED is 1 where
 * numbers of steps of the weights are.
 */
type Multiplied = Sizes<"SCALE OFFSET SHIFTED KH KW PC INTO">;

/**
 * What the kernel is given for weights w [G, OC, IC, KH, KW], which are zeros behind the first PC channels: `u` [G, OC, KH, KW, PC], their
 * numbers of steps less their shift; `s` [G, OC], what one product of steps is; `c` [G, 1 + SHIFTED, OC], OFFSET times the sum of the weights'
 * numbers, with a bias as a number of s, and their shift.
 */
export function dotWeights({ SCALE, OFFSET, SHIFTED, KH, KW, PC, INTO }: Multiplied): readonly PartWeights[] {
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
      shape: ({ G, OC }) => [G, OC],
      arrange: (w, held) => productSteps(stepsOf(w, held).scales, SCALE).map((step) => step * INTO),
    },
    {
      param: "c",
      dtype: "i32",
      shape: ({ G, OC }) => [G, 1 + SHIFTED, OC],
      arrange: (w, held, bias) => {
        const { steps, scales, shifts } = stepsOf(w, held);
        const size = held.IC * KH * KW;
        const biases =
          bias && defined(wholeNumbers(bias, productSteps(scales, SCALE)), "a bias of whole steps");
        const begins = Array.from(shifts, (shift, row) =>
          steps
            .subarray(row * size, (row + 1) * size)
            .reduce((sum, n) => sum + (n + shift) * OFFSET, biases?.[row] ?? 0),
        );
        const parts = SHIFTED === 1 ? [begins, Array.from(shifts)] : [begins];
        const { G, OC } = held;
        const groups = Array.from({ length: G }, (_, g) =>
          parts.flatMap((part) => part.slice(g * OC, (g + 1) * OC)),
        );
        return Int32Array.from(groups.flat());
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
