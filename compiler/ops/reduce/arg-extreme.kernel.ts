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

/** Whether v goes before the best so far: NaN before all numbers, and the first of several before the others unless LAST. */
function beats(v: number, best: number, LEAST: number, LAST: number): number {
  const better = LEAST ? isLess(v, best) : isLess(best, v);
  const equal = LAST ? isEqual(v, best) : 0;
  return better + equal + (1 - isEqual(v, v)) * isEqual(best, best);
}

/**
 * The place of the greatest element along the middle dimension, or of the least (ONNX ArgMax-13, ArgMin-13 with the axis' neighbours
 * merged). x: [M, K, L], y: [M, L].
 */
export function argExtreme(
  { M, K, L, LEAST = 0, LAST = 0 }: Sizes<"M K L", "LEAST LAST">,
  x: Input<["M", "K", "L"]>,
  y: Output<["M", "L"]>,
): void {
  for (const m of range(M)) {
    for (const l of range(L)) {
      let best = x[m][0][l];
      let place = 0;
      for (const k of range(K)) {
        place = choose(beats(x[m][k][l], best, LEAST, LAST), float(k), place);
        best = choose(beats(x[m][k][l], best, LEAST, LAST), x[m][k][l], best);
      }
      y[m][l] = place;
    }
  }
}
