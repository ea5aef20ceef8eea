import { type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Mean of each channel (ONNX GlobalAveragePool-1, flattened). Rows are summed by themselves: one sum of a large map would grow so
 * far beyond a pixel that little of the pixel is left in it. x: [N, C, H, W], y: [N, C].
 */
export function globalAvgPool(
  { N, C, H, W }: Sizes<"N C H W">,
  x: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      let acc = 0;
      for (const h of range(H)) {
        let row = 0;
        for (const w of range(W)) {
          row += x[n][c][h][w];
        }
        acc += row;
      }
      y[n][c] = acc * (1 / (H * W));
    }
  }
}
