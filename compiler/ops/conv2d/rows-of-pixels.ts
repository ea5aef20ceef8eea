import type { KernelCall, KernelTensor } from "../op.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";

/**
 * The same convolution with the channels of a pixel side by side: x [N,G,IC,IH,IW] becomes
 * [N,G,1,IH,IW*IC], a window of KW pixels one of KW*IC elements, and the kernel runs with IC = 1. The sums are
 * the same but for the order of their terms. As nested arrays the original has a Float32Array per row
 * of weights, for a 1x1 convolution one per weight, and Node spends its time on those. Undilated rows only.
 */
export function asRowsOfPixels(call: KernelCall<ConvSizes>): KernelCall<ConvSizes> {
  const { N, G, OC, IC, IH, IW, KH, KW, SW, DW } = call.dims;
  const [x, w, ...rest] = call.tensors;
  if (IC === 1 || (DW !== 1 && KW !== 1) || x === undefined || w === undefined) return call;
  return {
    dims: { ...call.dims, IC: 1, IW: IW * IC, KW: KW * IC, SW: SW * IC, DW: 1 },
    tensors: [
      { shape: [N, G, 1, IH, IW * IC], data: channelsLast(x.data, N * G, IC, IH * IW) },
      { shape: [G, OC, 1, KH, KW * IC], data: channelsLast(w.data, G * OC, IC, KH * KW) },
      ...rest,
    ],
  };
}

/** [images, channels, pixels] to [images, pixels, channels]. */
function channelsLast(
  data: KernelTensor["data"],
  images: number,
  channels: number,
  pixels: number,
): Float32Array {
  const out = new Float32Array(data.length);
  let from = 0;
  for (let i = 0; i < images; i++) {
    for (let c = 0; c < channels; c++) {
      let to = i * channels * pixels + c;
      for (let p = 0; p < pixels; p++) {
        out[to] = data[from++];
        to += channels;
      }
    }
  }
  return out;
}
