import { type Dims, exp, type Input, max, type Output, range } from "../language/kernel.ts";
import { closer } from "./logarithm.kernel.ts";

/**
 * Softmax along the middle dimension (ONNX Softmax-13 with the axis' neighbours merged): the greatest value
 * is taken off first, so nothing overflows; the exponentials wait in `y`. With STEPS its logarithm (ONNX LogSoftmax-13), that of the
 * sum being found in so many steps from START (logarithm.kernel.ts). x, y: [M, K, L].
 */
export function softmax(
  { M, K, L, STEPS = 0, START = 0 }: Dims,
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
      if (STEPS) {
        let log = START;
        for (const _s of range(STEPS)) {
          log = closer(log, sum);
        }
        for (const k of range(K)) {
          y[m][k][l] = x[m][k][l] - top - log;
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
