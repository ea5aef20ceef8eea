import type { Dims } from "../../language/kernel.ts";
import type { AlgorithmLimits, Window } from "../conv2d/algorithm.ts";
import type { PointCount, WindowPoints } from "./winograd-weights.ts";

/**
 * Operators of tiles with more points than registers hold: points along a side, and instructions of their transforms (Winograd),
 * the output's for none and for each further output along a side.
 */
const LARGE = {
  winograd6x6: { count: 6, roots: true, input: 300, output: 0, outputEach: 63 },
  winograd7x7: { count: 7, roots: false, input: 480, output: 200, outputEach: 35 },
  winograd8x8: { count: 8, roots: false, input: 620, output: 240, outputEach: 40 },
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
  const { count, roots, input, output, outputEach } = LARGE[op];
  return {
    ...{ op, tile },
    window: { count, taps: count + 1 - tile, stride, roots },
    inputTransform: input * stride ** 2,
    outputTransform: output + outputEach * tile,
  };
}
const H4 = largeTile("winograd6x6", 4, 1);
const F5 = largeTile("winograd7x7", 5, 1);
export const F6 = largeTile("winograd8x8", 6, 1);

/** Points along a side of an operator's tiles. */
export function pointsOf(op: LargeOp): PointCount {
  return LARGE[op].count;
}

/** Points along a side of the largest tile that is allowed. */
const MOST_POINTS = { fast: 8, close: 4, strict: 0 } as const;

/** What tiles may be: of f16 fewer than of f32, as the more points there are, the more digits are lost. */
export type TileLimits = Pick<AlgorithmLimits, "numerics" | "floats">;

/** The tiles that may compute a window, smallest first. */
export function winogradsFor(window: Window, { numerics, floats }: TileLimits): readonly Winograd[] {
  const tiles = floats === "f16" ? halfTiles(window) : singleTiles(window);
  return tiles.filter(({ window: { count } }) => count <= MOST_POINTS[numerics]);
}

/** Those of all numbers. */
export function allWinogradsFor(window: Window): readonly Winograd[] {
  return [...singleTiles(window), ...halfTiles(window)];
}

/** Squares without dilation, of 2x2 to 7x7 weights, or 3x3 to 10x10 of stride 2. */
function singleTiles(window: Window): readonly Winograd[] {
  const taps = tapsOf(window);
  if (taps === undefined) return [];
  if (taps === 3 && window.SH === 1) return [F2, F4, F5, F6];
  const largest = largeTile("winograd8x8", 9 - taps, window.SH);
  return taps < 7 ? [largeTile("winograd7x7", 8 - taps, window.SH), largest] : [largest];
}

/** Of 2x2 to 5x5 weights, or 3x3 to 10x10 of stride 2. */
function halfTiles(window: Window): readonly Winograd[] {
  const taps = tapsOf(window);
  if (taps === undefined || taps > 5) return [];
  if (taps === 3 && window.SH === 1) return [F2, H4];
  return [largeTile("winograd6x6", 7 - taps, window.SH)];
}

/** Weights along a side of each phase of a window; undefined of one without tiles. */
function tapsOf({ KH, KW, SH, SW, DH, DW }: Window): number | undefined {
  const taps = Math.ceil(KH / SH);
  return KH !== KW || SH !== SW || SH > 2 || DH * DW > 1 || taps < 2 || taps > 7 ? undefined : taps;
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
