import {
  type Indices,
  type Input,
  type Output,
  range,
  type Sizes,
  type Weight,
} from "../../language/kernel.ts";

/**
 * One dimension resampled, those before and behind it merged (see resample.kernel.ts): element k is the weighted sum of T elements,
 * `at[k * T + t]` with the weights `weights[k * T + t]`. x: [M, I, L], at, weights: [KT = K * T], y: [M, K, L].
 */
export function resampleAxis(
  { M, K, L, T }: Sizes<"M K L T I KT">,
  x: Input<["M", "I", "L"]>,
  at: Indices<["KT"], "I">,
  weights: Weight<["KT"]>,
  y: Output<["M", "K", "L"]>,
): void {
  for (const m of range(M)) {
    for (const k of range(K)) {
      for (const l of range(L)) {
        let acc = 0;
        for (const t of range(T)) {
          acc += x[m][at[k * T + t]][l] * weights[k * T + t];
        }
        y[m][k][l] = acc;
      }
    }
  }
}
