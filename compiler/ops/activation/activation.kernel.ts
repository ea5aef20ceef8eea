import { type Input, max, min, type Output, range, type Sizes } from "../../language/kernel.ts";
import { activate } from "./activate.kernel.ts";

/** One of the functions in activations.ts, then clamped. x, y: [N, C, H, W]. */
export function activation(
  { N, C, H, W, LO, HI, ACT, ALPHA, BETA }: Sizes<"N C H W LO HI ACT ALPHA BETA">,
  x: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          y[n][c][h][w] = min(max(activate(x[n][c][h][w], ACT, ALPHA, BETA), LO), HI);
        }
      }
    }
  }
}
