import {
  choose,
  heldIndex,
  type Input,
  isEqual,
  type Output,
  range,
  type Sizes,
  type Weight,
} from "../../language/kernel.ts";

function known(index: number, v: number): number {
  return choose(isEqual(index, index), v, NaN);
}

export type GatherAtSizes = Sizes<"M I K L P", "EACH CONSTANT">;

/**
 * Elements along the middle dimension from where indices say that are computed while the network runs (ONNX Gather-13,
 * GatherElements-13), NaN where the index is. EACH: every element has one of its own, else there is a list. CONSTANT: of `w`, else of
 * `x`. x, w: [M, I, L], at: [P], K or M * K * L of them, y: [M, K, L].
 */
export function gatherAt(
  { M, I, K, L, EACH = 0, CONSTANT = 0 }: GatherAtSizes,
  x: Input<["M", "I", "L"]>,
  w: Weight<["M", "I", "L"]>,
  at: Input<["P"]>,
  y: Output<["M", "K", "L"]>,
): void {
  for (const m of range(M)) {
    for (const k of range(K)) {
      for (const l of range(L)) {
        if (CONSTANT) {
          y[m][k][l] = EACH
            ? known(at[(m * K + k) * L + l], w[m][heldIndex(at[(m * K + k) * L + l], I)][l])
            : known(at[k], w[m][heldIndex(at[k], I)][l]);
        } else {
          y[m][k][l] = EACH
            ? known(at[(m * K + k) * L + l], x[m][heldIndex(at[(m * K + k) * L + l], I)][l])
            : known(at[k], x[m][heldIndex(at[k], I)][l]);
        }
      }
    }
  }
}
