import { type Input, max, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * 1 where the first greatest element along the middle dimension lies, else 0 (ONNX Hardmax-13 with the axis' neighbours merged).
 * The distance from the greatest, times 2^150, is -1 or less unless it is zero. x, y: [M, K, L].
 */
export function hardmax(
  { M, K, L }: Sizes<"M K L">,
  x: Input<["M", "K", "L"]>,
  y: Output<["M", "K", "L"]>,
): void {
  for (const m of range(M)) {
    for (const l of range(L)) {
      let top = -Infinity;
      for (const k of range(K)) {
        top = max(top, x[m][k][l]);
      }
      let rest = 1;
      for (const k of range(K)) {
        const below = (x[m][k][l] - top) * 1.7014118346046923e38;
        y[m][k][l] = max(1 + below * 8388608, 0) * rest;
        rest = rest - y[m][k][l];
      }
    }
  }
}
