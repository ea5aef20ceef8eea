import { type Input, max, type Output, range, type Sizes, stack } from "../../language/kernel.ts";
import { activate } from "../activation/activate.kernel.ts";
import { element } from "./reduce-columns.kernel.ts";

/**
 * The same as reduceColumns where nothing lies behind the second axis, whose elements are neighbours then: L parts of a row are
 * joined side by side, then with each other. D is L * DL + DR. x: [A, B, C, D], y: [A, C].
 */
export function reduceRows(
  { A, B, C, L, DL, DR, FN, PRE = 0, SCALE = 1, ACT = 0 }: Sizes<"A B C L DL DR FN D", "PRE SCALE ACT">,
  x: Input<["A", "B", "C", "D"]>,
  y: Output<["A", "C"]>,
): void {
  const none = FN === 3 ? 1 : FN === 0 ? 0 : -Infinity;
  for (const a of range(A)) {
    for (const c of range(C)) {
      let acc = none;
      for (const b of range(B)) {
        const parts = stack([L]);
        for (const l of range(L)) {
          let part = none;
          for (const k of range(DL)) {
            const v = element(x[a][b][c][k * L + l], PRE, FN);
            if (FN === 0) part += v;
            else if (FN === 3) part = part * v;
            else part = max(part, v);
          }
          parts[l] = part;
        }
        let row = none;
        for (const p of range(L)) {
          if (FN === 0) row += parts[p];
          else if (FN === 3) row = row * parts[p];
          else row = max(row, parts[p]);
        }
        for (const r of range(DR)) {
          const v = element(x[a][b][c][DL * L + r], PRE, FN);
          if (FN === 0) row += v;
          else if (FN === 3) row = row * v;
          else row = max(row, v);
        }
        if (FN === 0) acc += row;
        else if (FN === 3) acc = acc * row;
        else acc = max(acc, row);
      }
      y[a][c] = activate((FN === 2 ? -acc : acc) * SCALE, ACT, 0, 0);
    }
  }
}
