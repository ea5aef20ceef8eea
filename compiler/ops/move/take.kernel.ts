import { type Indices, type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Rows and columns of images taken by tables (ONNX Resize-19 nearest, Gather-13, Slice-13 with steps, Pad-19 of the modes that
 * repeat elements, Tile-13 and Expand-13, each along H and W). Where ROWS or COLUMNS is 0 all are taken, in order, and no table is
 * read. x: [N, C, IH, IW], y: [N, C, H, W].
 */
export function take(
  { N, C, H, W, ROWS, COLUMNS }: Sizes<"N C H W ROWS COLUMNS IH IW">,
  x: Input<["N", "C", "IH", "IW"]>,
  rows: Indices<["H"], "IH">,
  columns: Indices<["W"], "IW">,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          y[n][c][h][w] = x[n][c][ROWS ? rows[h] : h][COLUMNS ? columns[w] : w];
        }
      }
    }
  }
}
