import { choose, type Input, isEqual, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * What has to be numbers: 0 where all elements are, else NaN. ROWS: those of middle dimensions whose `used` is not 0 only. x: [M, K, L],
 * used: [K], y: [1].
 */
export function check(
  { M, K, L, ROWS = 0 }: Sizes<"M K L", "ROWS">,
  x: Input<["M", "K", "L"]>,
  used: Input<["K"]>,
  y: Output<[1]>,
): void {
  for (const o of range(1)) {
    let sum = 0;
    for (const m of range(M)) {
      for (const k of range(K)) {
        for (const l of range(L)) {
          const lost = 1 - isEqual(x[m][k][l], x[m][k][l]);
          sum = choose(ROWS ? choose(used[k], lost, 0) : lost, NaN, sum);
        }
      }
    }
    y[o] = sum;
  }
}
