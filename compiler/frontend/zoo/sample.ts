import { joinedFloats } from "../../ir/typed-array.ts";

/**
 * The zoo's batch norms take their statistics, as trained ones do, from what the network sees: while a network is
 * built, one small noise image runs through it. Without that, activations grow or die over fifty layers, and every
 * input gives the same output. An activation of that image, one image of [C, H, W]:
 */
export interface Sample {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** Mean and variance of each channel; the fewer positions, the more the variance leans on the layer's. */
export function statistics(x: Sample): { readonly mean: Float32Array; readonly variance: Float32Array } {
  // Not 0 for the empty image of networks whose weights nobody wants.
  const positions = Math.max(1, x.height * x.width);
  const mean = new Float32Array(x.channels);
  const variance = new Float32Array(x.channels);
  for (let c = 0; c < x.channels; c++) {
    const channel = x.data.subarray(c * positions, (c + 1) * positions);
    const m = channel.reduce((sum, v) => sum + v, 0) / positions;
    mean[c] = m;
    variance[c] = channel.reduce((sum, v) => sum + (v - m) ** 2, 0) / positions;
  }
  const layer = variance.reduce((sum, v) => sum + v, 0) / x.channels;
  return { mean, variance: variance.map((v) => (positions * v + PRIOR * layer) / (positions + PRIOR)) };
}
const PRIOR = 16;

/** Every value by its channel's rule: v * scale + shift. */
export function scaleShift(x: Sample, scale: Float32Array, shift: Float32Array): Sample {
  const positions = x.height * x.width;
  const channelOf = (i: number): number => Math.floor(i / positions);
  const data = x.data.map((v, i) => v * (scale[channelOf(i)] as number) + (shift[channelOf(i)] as number));
  return { ...x, data };
}

/** Every value through `of`. */
export function map(x: Sample, of: (v: number) => number): Sample {
  return { ...x, data: x.data.map(of) };
}

export function sum(a: Sample, b: Sample): Sample {
  return { ...a, data: a.data.map((v, i) => v + (b.data[i] as number)) };
}

/** Variance of all values together. */
export function spread(x: Sample): number {
  const count = Math.max(1, x.data.length);
  const mean = x.data.reduce((total, v) => total + v, 0) / count;
  return x.data.reduce((total, v) => total + (v - mean) ** 2, 0) / count;
}

/** Along the channels. */
export function join(parts: readonly Sample[]): Sample {
  const first = parts[0] as Sample;
  const data = joinedFloats(parts.map((part) => part.data));
  return { ...first, channels: parts.reduce((n, p) => n + p.channels, 0), data };
}

/** Channel i of the result is channel `from(i)`. */
export function pickChannels(x: Sample, from: (i: number) => number): Sample {
  const positions = x.height * x.width;
  const data = new Float32Array(x.data.length);
  for (let c = 0; c < x.channels; c++) {
    data.set(x.data.subarray(from(c) * positions, (from(c) + 1) * positions), c * positions);
  }
  return { ...x, data };
}

/** Channels from `start` on. */
export function slice(x: Sample, start: number, channels: number): Sample {
  const positions = x.height * x.width;
  return { ...x, channels, data: x.data.slice(start * positions, (start + channels) * positions) };
}

/** The mean of each channel. */
export function average(x: Sample): Sample {
  return { channels: x.channels, height: 1, width: 1, data: statistics(x).mean };
}
