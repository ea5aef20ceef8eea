import { type Input, max, type Output, range, type Sizes } from "../../language/kernel.ts";
import { activate } from "../activation/activate.kernel.ts";

/** An element as it is joined: as it is, its size, its square; the least is the greatest of what is negated. */
export function element(v: number, PRE: number, FN: number): number {
  return PRE === 1 ? max(v, -v) : PRE === 2 ? v * v : FN === 2 ? -v : v;
}

/**
 * Sums, products, greatest or least elements along two axes of five (ONNX ReduceSum-13 and its kin; reductions.ts has the
 * numbers of FN and PRE), times SCALE, then a function. What lies along D is joined by itself: a large sum keeps more digits.
 * x: [A, B, C, D, E], y: [A, C, E].
 */
export function reduceColumns(
  { A, B, C, D, E, FN, PRE = 0, SCALE = 1, ACT = 0 }: Sizes<"A B C D E FN", "PRE SCALE ACT">,
  x: Input<["A", "B", "C", "D", "E"]>,
  y: Output<["A", "C", "E"]>,
): void {
  const none = FN === 3 ? 1 : FN === 0 ? 0 : -Infinity;
  for (const a of range(A)) {
    for (const c of range(C)) {
      for (const e of range(E)) {
        let acc = none;
        for (const b of range(B)) {
          let part = none;
          for (const d of range(D)) {
            const v = element(x[a][b][c][d][e], PRE, FN);
            if (FN === 0) part += v;
            else if (FN === 3) part = part * v;
            else part = max(part, v);
          }
          if (FN === 0) acc += part;
          else if (FN === 3) acc = acc * part;
          else acc = max(acc, part);
        }
        y[a][c][e] = activate((FN === 2 ? -acc : acc) * SCALE, ACT, 0, 0);
      }
    }
  }
}
