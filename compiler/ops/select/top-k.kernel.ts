import {
  choose,
  float,
  type Input,
  isEqual,
  isLess,
  type Output,
  range,
  type Sizes,
} from "../../language/kernel.ts";

function before(a: number, b: number, LEAST: number): number {
  return LEAST ? isLess(a, b) : isLess(b, a);
}

/**
 * The T greatest elements along the middle dimension in order, or the least, and where they lie (ONNX TopK-24 with the axis'
 * neighbours merged): each the first of the best of those that go behind the one before it. x: [M, K, L], y: [2, M, T, L].
 */
export function topK(
  { M, K, L, T, LEAST = 0 }: Sizes<"M K L T", "LEAST">,
  x: Input<["M", "K", "L"]>,
  y: Output<[2, "M", "T", "L"]>,
): void {
  for (const m of range(M)) {
    for (const l of range(L)) {
      let last = LEAST ? -Infinity : Infinity;
      let lastPlace = -1;
      for (const t of range(T)) {
        let best = NaN;
        let place = NaN;
        for (const k of range(K)) {
          const v = x[m][k][l];
          const left = before(last, v, LEAST) + isEqual(v, last) * isLess(lastPlace, float(k));
          const takes = left * choose(isEqual(place, place), before(v, best, LEAST), 1);
          best = choose(takes, v, best);
          place = choose(takes, float(k), place);
        }
        y[0][m][t][l] = best;
        y[1][m][t][l] = place;
        last = best;
        lastPlace = place;
      }
    }
  }
}
