import { choose, type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Elements of the middle dimension whose `used` is not 0; of others NaN where NONE is set, else -1. x, y: [M, K, L], used: [K].
 */
export function usedRows(
  { M, K, L, NONE = 0 }: Sizes<"M K L", "NONE">,
  x: Input<["M", "K", "L"]>,
  used: Input<["K"]>,
  y: Output<["M", "K", "L"]>,
): void {
  for (const m of range(M)) {
    for (const k of range(K)) {
      for (const l of range(L)) {
        y[m][k][l] = choose(used[k], x[m][k][l], NONE ? NaN : -1);
      }
    }
  }
}
