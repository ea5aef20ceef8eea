import { type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Sums along the middle dimension so far (ONNX CumSum-14 with the axis' neighbours merged): EXCLUSIVE leaves the element itself out,
 * REVERSE begins at the end. x, y: [M, K, L].
 */
export function cumSum(
  { M, K, L, EXCLUSIVE = 0, REVERSE = 0 }: Sizes<"M K L", "EXCLUSIVE REVERSE">,
  x: Input<["M", "K", "L"]>,
  y: Output<["M", "K", "L"]>,
): void {
  for (const m of range(M)) {
    for (const l of range(L)) {
      let sum = 0;
      for (const k of range(K)) {
        if (EXCLUSIVE) {
          y[m][REVERSE ? K - 1 - k : k][l] = sum;
        }
        sum = sum + x[m][REVERSE ? K - 1 - k : k][l];
        if (EXCLUSIVE === 0) {
          y[m][REVERSE ? K - 1 - k : k][l] = sum;
        }
      }
    }
  }
}
