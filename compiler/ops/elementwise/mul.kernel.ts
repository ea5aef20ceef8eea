import { type Input, type Output, range, type Sizes } from "../../language/kernel.ts";
import { type Ending, ending, residualAt } from "../epilogue/epilogue.kernel.ts";

/**
 * Products of a tensor with another of its shape, or with one value for each channel's map (BH = BW = 1, as gates of channels
 * have it), then a residual, an activation, a clamp (ONNX Mul-14, Add, an activation and Clip). a, r, y: [N, C, H, W].
 */
export function mul(
  { N, C, H, W, BH, BW, ...EPILOGUE }: Sizes<"N C H W BH BW"> & Ending,
  a: Input<["N", "C", "H", "W"]>,
  b: Input<["N", "C", "BH", "BW"]>,
  r: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          const factor = BH * BW === 1 ? b[n][c][0][0] : b[n][c][h][w];
          const residual = residualAt(r, n, c, h, w, EPILOGUE);
          y[n][c][h][w] = ending(a[n][c][h][w] * factor, residual, 0, EPILOGUE);
        }
      }
    }
  }
}
