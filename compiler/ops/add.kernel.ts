import { type Dims, type Input, max, min, type Output, range } from "../language/kernel.ts";

/** Sum of two tensors of one shape, clamped (ONNX Add-14, then Relu or Clip). a, b, y: [N, C, H, W]. */
export function add(
  { N, C, H, W, LO, HI }: Dims,
  a: Input<["N", "C", "H", "W"]>,
  b: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          y[n][c][h][w] = min(max(a[n][c][h][w] + b[n][c][h][w], LO), HI);
        }
      }
    }
  }
}
