import type { Pads } from "../graph.ts";
import { type Convolution, constantWeights } from "./convolution.ts";

/**
 * What a convolution may do at most of its multiplications, where that takes several calls with weights of their own: a
 * dilation of 12 around 28 pixels does 0.51 of them, and needs no border that is larger than the map.
 */
const PAYS = 0.55;
/** Pixels for each call, at least: fewer would read more weights than they save. */
const LEAST_PIXELS = 8;

/** Outputs along an axis, `from` up to `to`, that see the same taps inside the input: `taps` up to `end`. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly taps: number;
  readonly end: number;
}

/** A part of a convolution that reads no border, and where it lies. */
export interface TapRegion {
  readonly conv: Convolution;
  /** What it sees beyond the input and the output: nothing, so none is above 0. */
  readonly xPads: Pads;
  readonly yPads: Pads;
}

/**
 * A convolution in parts that leave out the taps which only meet its border, as those of a dilation that is as wide as the
 * map do; undefined where that does not pay. Zeros are what is left out, so results are the same.
 */
export function tapRegions(conv: Convolution): readonly TapRegion[] | undefined {
  if (conv.pooled) return undefined;
  const { kernel, output } = conv;
  const [rows, columns] = [runsAlong(conv, 0), runsAlong(conv, 1)];
  if (rows === undefined || columns === undefined) return undefined;
  const share = (shareOf(rows) / (output.h * kernel[0])) * (shareOf(columns) / (output.w * kernel[1]));
  const calls = rows.length * columns.length;
  const pays = calls === 1 ? share < 1 : share <= PAYS && output.h * output.w >= LEAST_PIXELS * calls;
  return pays ? rows.flatMap((row) => columns.map((column) => regionOf(conv, row, column))) : undefined;
}

/** Multiplications along an axis. */
function shareOf(runs: readonly Run[]): number {
  return runs.reduce((sum, { from, to, taps, end }) => sum + (to - from) * (end - taps), 0);
}

/** Undefined where some output sees no tap at all. */
function runsAlong(conv: Convolution, axis: 0 | 1): readonly Run[] | undefined {
  const [extent, outputs] = axis === 0 ? [conv.input.h, conv.output.h] : [conv.input.w, conv.output.w];
  const runs: Run[] = [];
  for (let at = 0; at < outputs; at++) {
    const first = at * conv.strides[axis] - conv.pads[axis];
    const taps = Math.max(0, Math.ceil(-first / conv.dilations[axis]));
    const end = Math.min(conv.kernel[axis], Math.ceil((extent - first) / conv.dilations[axis]));
    if (taps >= end) return undefined;
    const last = runs.at(-1);
    if (last?.taps === taps && last.end === end) runs[runs.length - 1] = { ...last, to: at + 1 };
    else runs.push({ from: at, to: at + 1, taps, end });
  }
  return runs;
}

function regionOf(conv: Convolution, row: Run, column: Run): TapRegion {
  const { input, output } = conv;
  const kernel = [row.end - row.taps, column.end - column.taps] as const;
  const seen = (run: Run, axis: 0 | 1): readonly [number, number] => {
    const tap = (at: number, k: number): number =>
      at * conv.strides[axis] - conv.pads[axis] + k * conv.dilations[axis];
    return [tap(run.from, run.taps), tap(run.to - 1, run.end - 1) + 1];
  };
  const [[top, bottom], [left, right]] = [seen(row, 0), seen(column, 1)];
  const xPads: Pads = [-top, -left, bottom - input.h, right - input.w];
  const yPads: Pads = [-row.from, -column.from, row.to - output.h, column.to - output.w];
  const part = { ...output, h: row.to - row.from, w: column.to - column.from };
  const region: Convolution = {
    ...conv,
    ...{ kernel, pads: xPads, output: part },
    // plans that are never carried out read no weights
    weights: () => tapsOf(conv, row, column),
  };
  return { conv: region, xPads, yPads };
}

/** The weights [channels][kh][kw] of some taps. */
function tapsOf(conv: Convolution, row: Run, column: Run): Float32Array {
  const [kh, kw] = conv.kernel;
  const weights = constantWeights(conv);
  const [rows, columns] = [row.end - row.taps, column.end - column.taps];
  const channels = weights.length / (kh * kw);
  const kept = new Float32Array(channels * rows * columns);
  for (let c = 0, to = 0; c < channels; c++) {
    for (let i = row.taps; i < row.end; i++) {
      const from = (c * kh + i) * kw + column.taps;
      kept.set(weights.subarray(from, from + columns), to);
      to += columns;
    }
  }
  return kept;
}
