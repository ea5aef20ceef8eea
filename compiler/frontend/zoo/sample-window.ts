import type { Sample } from "./sample.ts";
import { type Window, windowCount } from "./window.ts";

/** A square convolution; weights [OC, C/groups, kernel, kernel]. */
export interface SampleConv extends Window {
  readonly weights: Float32Array;
  readonly oc: number;
  readonly groups: number;
}

export function convolve(x: Sample, conv: SampleConv): Sample {
  const { weights, oc, groups, kernel, stride, pad } = conv;
  const [height, width] = [windowCount(x.height, conv), windowCount(x.width, conv)];
  const positions = height * width;
  const perGroup = x.channels / groups;
  const ocPerGroup = oc / groups;
  const length = perGroup * kernel * kernel;
  const data = new Float32Array(oc * positions);
  const patches = new Float32Array(positions * length);
  for (let g = 0; g < groups; g++) {
    gather(x, patches, { first: g * perGroup, perGroup, kernel, stride, pad, height, width });
    for (let o = g * ocPerGroup; o < (g + 1) * ocPerGroup; o++) {
      for (let p = 0; p < positions; p++) {
        data[o * positions + p] = dot(weights, o * length, patches, p * length, length);
      }
    }
  }
  return { channels: oc, height, width, data };
}

interface Gather extends Window {
  readonly first: number;
  readonly perGroup: number;
  readonly height: number;
  readonly width: number;
}

/** patches[position][channel, row, column]: what each output position sees, zeros beyond the image. */
function gather(x: Sample, patches: Float32Array, g: Gather): void {
  const { kernel, stride, pad } = g;
  const { height, width, data } = x;
  let at = 0;
  for (let oh = 0; oh < g.height; oh++) {
    for (let ow = 0; ow < g.width; ow++) {
      for (let c = g.first; c < g.first + g.perGroup; c++) {
        for (let kh = 0; kh < kernel; kh++) {
          const row = oh * stride + kh - pad;
          const from = (c * height + row) * width;
          for (let kw = 0; kw < kernel; kw++) {
            const column = ow * stride + kw - pad;
            const inside = row >= 0 && row < height && column >= 0 && column < width;
            patches[at++] = inside ? (data[from + column] as number) : 0;
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

/** A pool whose padding neither wins nor counts. */
export function slideOver(x: Sample, mode: "max" | "average", window: Window): Sample {
  const { kernel, stride, pad } = window;
  const [height, width] = [windowCount(x.height, window), windowCount(x.width, window)];
  const data = new Float32Array(x.channels * height * width);
  for (let i = 0; i < data.length; i++) {
    const c = Math.floor(i / (height * width));
    const row = stride * (Math.floor(i / width) % height) - pad;
    const column = stride * (i % width) - pad;
    const seen: number[] = [];
    for (let h = Math.max(0, row); h < Math.min(x.height, row + kernel); h++) {
      for (let w = Math.max(0, column); w < Math.min(x.width, column + kernel); w++) {
        seen.push(x.data[(c * x.height + h) * x.width + w] as number);
      }
    }
    data[i] = mode === "max" ? Math.max(...seen) : seen.reduce((s, v) => s + v, 0) / seen.length;
  }
  return { channels: x.channels, height, width, data };
}
