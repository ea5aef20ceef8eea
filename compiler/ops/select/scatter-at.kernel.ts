import {
  choose,
  float,
  type Input,
  isEqual,
  max,
  min,
  type Output,
  range,
  type Sizes,
} from "../../language/kernel.ts";

/** What an update makes of an element, by the dim FN (scatter.ts has the numbers). */
function updated(v: number, update: number, FN: number): number {
  return FN === 0
    ? update
    : FN === 1
      ? v + update
      : FN === 2
        ? v * update
        : FN === 3
          ? max(v, update)
          : min(v, update);
}

/**
 * Elements along the middle dimension, each with the updates that are meant for it, in order (ONNX ScatterElements-18, ScatterND-18):
 * whoever looks for them never writes where nothing is. An index that is NaN leaves NaN. The indices' steps are 0 where one is for
 * all. x, y: [M, I, L], at: [AM, K, AL], u: [M, K, L].
 */
export function scatterAt(
  { M, I, K, L, A0 = 1, A2 = 1, FN }: Sizes<"M I K L FN AM AL", "A0 A2">,
  x: Input<["M", "I", "L"]>,
  at: Input<["AM", "K", "AL"]>,
  u: Input<["M", "K", "L"]>,
  y: Output<["M", "I", "L"]>,
): void {
  for (const m of range(M)) {
    for (const i of range(I)) {
      for (const l of range(L)) {
        let v = x[m][i][l];
        for (const k of range(K)) {
          const index = at[m * A0][k][l * A2];
          const kept = choose(isEqual(index, index), v, NaN);
          v = choose(isEqual(index, float(i)), updated(v, u[m][k][l], FN), kept);
        }
        y[m][i][l] = v;
      }
    }
  }
}
