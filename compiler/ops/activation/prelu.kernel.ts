import { type Input, leakyRelu, type Output, range, type Sizes, type Weight } from "../../language/kernel.ts";

/** Each channel with a slope of its own below zero (ONNX PRelu-16). x, y: [N, C, H, W]. */
export function prelu(
  { N, C, H, W }: Sizes<"N C H W">,
  x: Input<["N", "C", "H", "W"]>,
  s: Weight<["C"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          y[n][c][h][w] = leakyRelu(x[n][c][h][w], s[c]);
        }
      }
    }
  }
}
