import { exp, type Input, log, max, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Softmax along the middle dimension (ONNX Softmax-13 with the axis' neighbours merged): the greatest value
 * is taken off first, so nothing overflows; the exponentials wait in `y`. With LOG its logarithm (ONNX LogSoftmax-13).
 * x, y: [M, K, L].
 */
export function softmax(
  { M, K, L, LOG = 0 }: Sizes<"M K L", "LOG">,
  x: Input<["M", "K", "L"]>,
  y: Output<["M", "K", "L"]>,
): void {
  for (const m of range(M)) {
    for (const l of range(L)) {
      let top = -Infinity;
      for (const k of range(K)) {
        top = max(top, x[m][k][l]);
      }
      let sum = 0;
      for (const k of range(K)) {
        y[m][k][l] = exp(x[m][k][l] - top);
        sum += y[m][k][l];
      }
      if (LOG) {
        const logarithm = log(sum);
        for (const k of range(K)) {
          y[m][k][l] = x[m][k][l] - top - logarithm;
        }
      } else {
        const scale = 1 / sum;
        for (const k of range(K)) {
          y[m][k][l] = y[m][k][l] * scale;
        }
      }
    }
  }
}
