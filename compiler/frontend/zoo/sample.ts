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

/** A square convolution with "same" padding; weights [OC, C/groups, kernel, kernel]. */
export interface SampleConv {
  readonly weights: Float32Array;
  readonly oc: number;
  readonly groups: number;
  readonly kernel: number;
  readonly stride: number;
}

export function convolve(x: Sample, conv: SampleConv): Sample {
  const { oc, groups, kernel, stride } = conv;
  const [height, width] = [windows(x.height, stride), windows(x.width, stride)];
  const positions = height * width;
  const perGroup = x.channels / groups;
  const ocPerGroup = oc / groups;
  const length = perGroup * kernel * kernel;
  const data = new Float32Array(oc * positions);
  const patches = new Float32Array(positions * length);
  for (let g = 0; g < groups; g++) {
    gather(x, patches, { first: g * perGroup, perGroup, kernel, stride, height, width });
    for (let o = g * ocPerGroup; o < (g + 1) * ocPerGroup; o++) {
      for (let p = 0; p < positions; p++) {
        data[o * positions + p] = dot(conv.weights, o * length, patches, p * length, length);
      }
    }
  }
  return { channels: oc, height, width, data };
}

/** Output length of a "same" window. */
function windows(size: number, stride: number): number {
  return Math.floor((size - 1) / stride) + 1;
}

interface Gather {
  readonly first: number;
  readonly perGroup: number;
  readonly kernel: number;
  readonly stride: number;
  readonly height: number;
  readonly width: number;
}

/** patches[position][channel, row, column]: what each output position sees, zeros beyond the image. */
function gather(x: Sample, patches: Float32Array, g: Gather): void {
  const pad = (g.kernel - 1) / 2;
  let at = 0;
  for (let oh = 0; oh < g.height; oh++) {
    for (let ow = 0; ow < g.width; ow++) {
      for (let c = g.first; c < g.first + g.perGroup; c++) {
        for (let kh = 0; kh < g.kernel; kh++) {
          const row = oh * g.stride + kh - pad;
          const from = (c * x.height + row) * x.width;
          for (let kw = 0; kw < g.kernel; kw++) {
            const column = ow * g.stride + kw - pad;
            const inside = row >= 0 && row < x.height && column >= 0 && column < x.width;
            patches[at++] = inside ? (x.data[from + column] as number) : 0;
          }
        }
      }
    }
  }
}

/** Four sums at a time: one alone would wait for each addition. */
function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < length; i += 4) {
    s0 += (a[aAt + i] as number) * (b[bAt + i] as number);
    s1 += (a[aAt + i + 1] as number) * (b[bAt + i + 1] as number);
    s2 += (a[aAt + i + 2] as number) * (b[bAt + i + 2] as number);
    s3 += (a[aAt + i + 3] as number) * (b[bAt + i + 3] as number);
  }
  for (; i < length; i++) s0 += (a[aAt + i] as number) * (b[bAt + i] as number);
  return s0 + s1 + (s2 + s3);
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

export function rectify(x: Sample): Sample {
  return { ...x, data: x.data.map((v) => Math.max(v, 0)) };
}

export function sum(a: Sample, b: Sample): Sample {
  return { ...a, data: a.data.map((v, i) => v + (b.data[i] as number)) };
}

/** Along the channels. */
export function join(parts: readonly Sample[]): Sample {
  const first = parts[0] as Sample;
  const data = new Float32Array(parts.reduce((size, p) => size + p.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
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

/** 3x3, stride 2, padding 1 that neither wins nor counts. */
export function pool(x: Sample, mode: "max" | "average"): Sample {
  const [height, width] = [windows(x.height, 2), windows(x.width, 2)];
  const data = new Float32Array(x.channels * height * width);
  for (let i = 0; i < data.length; i++) {
    const c = Math.floor(i / (height * width));
    const [row, column] = [2 * (Math.floor(i / width) % height), 2 * (i % width)];
    const seen: number[] = [];
    for (let h = Math.max(0, row - 1); h < Math.min(x.height, row + 2); h++) {
      for (let w = Math.max(0, column - 1); w < Math.min(x.width, column + 2); w++) {
        seen.push(x.data[(c * x.height + h) * x.width + w] as number);
      }
    }
    data[i] = mode === "max" ? Math.max(...seen) : seen.reduce((s, v) => s + v, 0) / seen.length;
  }
  return { channels: x.channels, height, width, data };
}

/** The mean of each channel. */
export function average(x: Sample): Sample {
  return { channels: x.channels, height: 1, width: 1, data: statistics(x).mean };
}
