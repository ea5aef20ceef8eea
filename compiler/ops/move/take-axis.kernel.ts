import { type Indices, type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Elements along one dimension taken by a table, the dimensions before and behind it merged (see take.kernel.ts).
 * x: [M, I, L], at: [K], y: [M, K, L].
 */
export function takeAxis(
  { M, K, L }: Sizes<"M K L I">,
  x: Input<["M", "I", "L"]>,
  at: Indices<["K"], "I">,
  y: Output<["M", "K", "L"]>,
): void {
  for (const m of range(M)) {
    for (const k of range(K)) {
      for (const l of range(L)) {
        y[m][k][l] = x[m][at[k]][l];
      }
    }
  }
}
