import type { ConvChannels } from "./conv-form.ts";

/** The extents a kernel gives its weights, and the channel each of its indices stands for (-1: none). */
export interface KernelChannels {
  readonly G: number;
  readonly OC: number;
  readonly IC: number;
  readonly outChannel: (g: number, oc: number) => number;
  readonly inChannel: (g: number, ic: number) => number;
}

/**
 * Weights [OC, IC/g, KH, KW] of the graph as the kernel's w [G, OC, IC, KH, KW]. Zero where an index
 * stands for no channel, or where input and output channel belong to different groups.
 */
export function arrangeWeights(
  data: Float32Array,
  { groups, ic: icPerGroup, oc: ocPerGroup }: ConvChannels,
  kernel: KernelChannels,
): Float32Array {
  const taps = data.length / (groups * ocPerGroup * icPerGroup);
  const { G, OC, IC } = kernel;
  const out = new Float32Array(G * OC * IC * taps);
  for (let g = 0; g < G; g++) {
    for (let oc = 0; oc < OC; oc++) {
      const o = kernel.outChannel(g, oc);
      if (o < 0) continue;
      const group = Math.floor(o / ocPerGroup);
      for (let ic = 0; ic < IC; ic++) {
        const i = kernel.inChannel(g, ic) - group * icPerGroup;
        if (i < 0 || i >= icPerGroup) continue;
        const from = (o * icPerGroup + i) * taps;
        const to = ((g * OC + oc) * IC + ic) * taps;
        for (let tap = 0; tap < taps; tap++) out[to + tap] = data[from + tap];
      }
    }
  }
  return out;
}

/** Bias [OC] of the graph as the kernel's b [G, OC]; other values for each output channel as well, `each` of them. */
export function arrangeBias(
  data: Float32Array,
  { G, OC, outChannel }: KernelChannels,
  each = 1,
): Float32Array {
  const out = new Float32Array(G * OC * each);
  for (let g = 0; g < G; g++) {
    for (let oc = 0; oc < OC; oc++) {
      const o = outChannel(g, oc);
      if (o >= 0) out.set(data.subarray(o * each, (o + 1) * each), (g * OC + oc) * each);
    }
  }
  return out;
}
