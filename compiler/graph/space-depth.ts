import type { DepthToSpace, SpaceToDepth } from "./graph.ts";

/** How channels are put into a map. */
export type Blocks = Pick<DepthToSpace, "blocks" | "order">;

/** The channel of the input that an output channel c comes from, in the block's row i and column j. */
export function sourceChannel(
  { blocks: [bh, bw], order }: Blocks,
  channels: number,
  c: number,
  i: number,
  j: number,
): number {
  return order === "blocks-first" ? (i * bw + j) * channels + c : (c * bh + i) * bw + j;
}

/** Row-major data [N, BH*BW*C, H, W] as the output [N,C,OH,OW]. */
export function depthToSpace(
  data: Float32Array,
  [, depth, h, w]: readonly number[],
  [n, channels, oh, ow]: readonly number[],
  op: DepthToSpace,
): Float32Array {
  const {
    blocks: [bh, bw],
    from,
  } = op;
  const out = new Float32Array(n * channels * oh * ow);
  let at = 0;
  for (let image = 0; image < n; image++) {
    for (let c = 0; c < channels; c++) {
      for (let p = from[0]; p < from[0] + oh; p++) {
        for (let q = from[1]; q < from[1] + ow; q++) {
          const channel = sourceChannel(op, channels, c, p % bh, q % bw);
          const row = (image * depth + channel) * h + Math.floor(p / bh);
          out[at++] = data[row * w + Math.floor(q / bw)];
        }
      }
    }
  }
  return out;
}

/** Row-major data [N,C,H,W] as [N, BH*BW*C, H/BH, W/BW]. */
export function spaceToDepth(
  data: Float32Array,
  [n, channels, h, w]: readonly number[],
  op: SpaceToDepth,
): Float32Array {
  const {
    blocks: [bh, bw],
  } = op;
  const out = new Float32Array(data.length);
  let at = 0;
  for (let image = 0; image < n; image++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < h; p++) {
        for (let q = 0; q < w; q++) {
          const channel = sourceChannel(op, channels, c, p % bh, q % bw);
          const row = (image * bh * bw * channels + channel) * (h / bh) + Math.floor(p / bh);
          out[row * (w / bw) + Math.floor(q / bw)] = data[at++];
        }
      }
    }
  }
  return out;
}
