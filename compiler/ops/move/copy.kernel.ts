import { type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Copies a tensor into another layout or place: storage makes it a repack, a window makes it one part of a
 * Concat-13 or Split. x, y: [A, B, C, D, E].
 */
export function copy(
  { A, B, C, D, E }: Sizes<"A B C D E">,
  x: Input<["A", "B", "C", "D", "E"]>,
  y: Output<["A", "B", "C", "D", "E"]>,
): void {
  for (const a of range(A)) {
    for (const b of range(B)) {
      for (const c of range(C)) {
        for (const d of range(D)) {
          for (const e of range(E)) {
            y[a][b][c][d][e] = x[a][b][c][d][e];
          }
        }
      }
    }
  }
}
