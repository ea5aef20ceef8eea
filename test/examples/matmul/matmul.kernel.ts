import { type Dims, type Input, type Output, range, type Weight } from "tilewright/kernel";

/** C = A * B, with B known when it is compiled. a: [M, K], b: [K, N], c: [M, N]. */
export function matmul(
  { M, N, K }: Dims,
  a: Input<["M", "K"]>,
  b: Weight<["K", "N"]>,
  c: Output<["M", "N"]>,
): void {
  for (const m of range(M)) {
    for (const n of range(N)) {
      let acc = 0;
      for (const k of range(K)) acc += a[m][k] * b[k][n];
      c[m][n] = acc;
    }
  }
}
