import type { Dims } from "../../language/kernel.ts";
import type { Window } from "../conv2d/algorithm.ts";
import type { PointCount, WindowPoints } from "./winograd-weights.ts";

/**
 * Operators of tiles with more points than registers hold: points along a side, and instructions of their transforms (Winograd),
 * the output's for none and for each further output along a side.
 */
const LARGE = {
  winograd7x7: { count: 7, input: 480, output: 200, outputEach: 35 },
  winograd8x8: { count: 8, input: 620, output: 240, outputEach: 40 },
} as const;
export type LargeOp = keyof typeof LARGE;

/** A way to divide the inputs of a tile into outputs and taps, its operator, and what its parts cost. */
export interface Winograd {
  readonly op: "winograd2" | "winograd4" | LargeOp;
  /** Rows and columns of outputs of a tile. */
  readonly tile: number;
  readonly window: WindowPoints;
  /** Instructions for one tile and vector of channels, of all phases, counted in the C compiler's output. */
  readonly inputTransform: number;
  readonly outputTransform: number;
}

export const F2: Winograd = {
  op: "winograd2",
  tile: 2,
  window: { count: 4, taps: 3, stride: 1 },
  inputTransform: 70,
  outputTransform: 50,
};
export const F4: Winograd = {
  op: "winograd4",
  tile: 4,
  window: { count: 6, taps: 3, stride: 1 },
  inputTransform: 245,
  outputTransform: 160,
};

/** What inputs of a large tile leave of taps are outputs. */
export function largeTile(op: LargeOp, tile: number, stride: number): Winograd {
  const { count, input, output, outputEach } = LARGE[op];
  return {
    ...{ op, tile },
    window: { count, taps: count + 1 - tile, stride },
    inputTransform: input * stride ** 2,
    outputTransform: output + outputEach * tile,
  };
}
const F5 = largeTile("winograd7x7", 5, 1);
export const F6 = largeTile("winograd8x8", 6, 1);

/** Points along a side of an operator's tiles. */
export function pointsOf(op: LargeOp): PointCount {
  return LARGE[op].count;
}

/**
 * The tiles for a window, smallest first: squares without dilation, of 2x2 to 7x7 weights, or 3x3 to 10x10 of stride 2; none for
 * others.
 */
export function winogradsFor({ KH, KW, SH, SW, DH, DW }: Window): readonly Winograd[] {
  const taps = Math.ceil(KH / SH);
  if (KH !== KW || SH !== SW || SH > 2 || DH * DW > 1 || taps < 2 || taps > 7) return [];
  if (taps === 3 && SH === 1) return [F2, F4, F5, F6];
  const largest = largeTile("winograd8x8", 9 - taps, SH);
  return taps < 7 ? [largeTile("winograd7x7", 8 - taps, SH), largest] : [largest];
}

/** The tile of an operator with such sizes; undefined of other operators. */
export function winogradOf(op: string, { T = 0, S = 0 }: Dims): Winograd | undefined {
  return isLarge(op) ? largeTile(op, T, S) : [F2, F4].find((one) => one.op === op);
}

export function isLarge(op: string): op is LargeOp {
  return Object.hasOwn(LARGE, op);
}

/** Products of a tile and a pair of channels, each with a weight of its own: one a point and phase. */
export function productsOf({ window: { count, stride } }: Winograd): number {
  return count ** 2 * stride ** 2;
}
