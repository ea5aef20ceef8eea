import { elementCount } from "../graph/extents.ts";
import type { Pads } from "../graph/graph.ts";

/**
 * Row-major data of `shape` (..., H, W) inside a border of `value`; pads below 0 leave rows or columns away. Without a
 * border, the data itself.
 */
export function padImage(
  data: Float32Array,
  shape: readonly number[],
  pads: Pads,
  value: number,
): Float32Array {
  const [top, left, bottom, right] = pads;
  if (pads.every((p) => p === 0)) return data;
  const [h, w] = shape.slice(-2);
  const [wideH, wideW] = [h + top + bottom, w + left + right];
  const images = elementCount(shape) / (h * w);
  const out = new Float32Array(images * wideH * wideW).fill(value);
  const begin = Math.max(0, -left);
  const end = w + Math.min(0, right);
  for (let i = 0; i < images; i++) {
    for (let y = Math.max(0, -top); y < h + Math.min(0, bottom); y++) {
      const from = (i * h + y) * w;
      out.set(data.subarray(from + begin, from + end), (i * wideH + y + top) * wideW + left + begin);
    }
  }
  return out;
}
