import { type Input, type Output, range, type Sizes, type Weight } from "../../language/kernel.ts";

/**
 * A picture as a network takes it: each number less its channel's mean, times its scale. Channel c of y is FIRST + STEP * c of x, so that
 * their order may be turned around. x, y: [N, C, H, W]; x's storage makes it any order of dimensions.
 */
export function frame(
  { N, C, H, W, FIRST, STEP }: Sizes<"N C H W FIRST STEP">,
  x: Input<["N", "C", "H", "W"]>,
  mean: Weight<["C"]>,
  scale: Weight<["C"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const h of range(H)) {
      for (const w of range(W)) {
        for (const c of range(C)) {
          y[n][c][h][w] = (x[n][FIRST + STEP * c][h][w] - mean[c]) * scale[c];
        }
      }
    }
  }
}
