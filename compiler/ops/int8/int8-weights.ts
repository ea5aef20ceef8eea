import type { Sizes } from "../../language/kernel.ts";
import { defined } from "../../support/assert.ts";
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

/** What is multiplied with weights of KH * KW taps: multiples of SCALE, whose number is OFFSET more than an i8. */
type Multiplied = Sizes<"SCALE OFFSET KH KW">;

/**
 * What the kernel is given for weights w [G, OC, IC, KH, KW]: `u` [G, OC, KH, KW, IC], their numbers of steps; `s` [G, OC], what one
 * product of steps is; `c` [G, OC], OFFSET times the sum of u.
 */
export function dotWeights({ SCALE, OFFSET, KH, KW }: Multiplied): readonly PartWeights[] {
  const channels = ({ G, OC }: KernelExtents): readonly number[] => [G, OC];
  const stepsOf = (w: Float32Array, { G, OC }: KernelExtents): WeightSteps =>
    defined(weightSteps(w, G * OC), "the steps of weights that have some");
  return [
    {
      param: "u",
      dtype: "i8",
      shape: ({ G, OC, IC }) => [G, OC, KH, KW, IC],
      arrange: (w, held) => channelsLast(stepsOf(w, held).steps, held.IC, KH * KW),
    },
    {
      param: "s",
      shape: channels,
      arrange: (w, held) => stepsOf(w, held).scales.map((scale) => scale * SCALE),
    },
    {
      param: "c",
      shape: channels,
      arrange: (w, held) => {
        const { steps } = stepsOf(w, held);
        const size = held.IC * KH * KW;
        return Int32Array.from({ length: held.G * held.OC }, (_, row) =>
          steps.subarray(row * size, (row + 1) * size).reduce((sum, n) => sum + n * OFFSET, 0),
        );
      },
    },
  ];
}

/** [..., IC, taps] as [..., taps, IC]. */
function channelsLast(steps: Int8Array, IC: number, taps: number): Int8Array {
  const turned = new Int8Array(steps.length);
  let to = 0;
  for (let row = 0; row < steps.length; row += IC * taps)
    for (let tap = 0; tap < taps; tap++)
      for (let ic = 0; ic < IC; ic++) turned[to++] = steps[row + ic * taps + tap];
  return turned;
}
