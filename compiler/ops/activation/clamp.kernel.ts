import { type Input, max, min, type Output, range, type Sizes } from "../../language/kernel.ts";

/** Values held between LO and HI (ONNX Clip-13; Relu-14 is LO = 0, HI = Infinity). x, y: [N, C, H, W]. */
export function clamp(
  { N, C, H, W, LO, HI }: Sizes<"N C H W LO HI">,
  x: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          y[n][c][h][w] = min(max(x[n][c][h][w], LO), HI);
        }
      }
    }
  }
}
