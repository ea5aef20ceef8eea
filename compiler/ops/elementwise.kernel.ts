import { type Dims, type Input, max, min, type Output, range } from "../language/kernel.ts";
import { activate } from "./activate.kernel.ts";

/** The function of two values that the dim FN names (elementwise.ts has the numbers). */
function combine(a: number, b: number, FN: number): number {
  return FN === 0 ? a - b : FN === 1 ? max(a, b) : min(a, b);
}

/** A function of two tensors of one shape, then an activation, then clamped (ONNX Sub-14, Max-13, Min-13). a, b, y: [N, C, H, W]. */
export function elementwise(
  { N, C, H, W, FN, LO, HI, ACT = 0, ALPHA = 0, BETA = 0 }: Dims,
  a: Input<["N", "C", "H", "W"]>,
  b: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          const v = combine(a[n][c][h][w], b[n][c][h][w], FN);
          y[n][c][h][w] = min(max(activate(v, ACT, ALPHA, BETA), LO), HI);
        }
      }
    }
  }
}
