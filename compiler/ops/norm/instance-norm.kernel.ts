import { type Input, type Output, range, type Sizes, sqrt, type Weight } from "../../language/kernel.ts";
import { type Ending, ending } from "../epilogue/epilogue.kernel.ts";

/**
 * Each channel's map with its mean taken off and divided by its standard deviation, then scaled and shifted, an activation, a clamp
 * (ONNX InstanceNormalization-6). Rows are summed by themselves: large sums keep more digits. x, y: [N, C, H, W], s, t: [C].
 */
export function instanceNorm(
  { N, C, H, W, EPS, ...EPILOGUE }: Sizes<"N C H W EPS"> & Ending,
  x: Input<["N", "C", "H", "W"]>,
  s: Weight<["C"]>,
  t: Weight<["C"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      let sum = 0;
      for (const h of range(H)) {
        let row = 0;
        for (const w of range(W)) {
          row += x[n][c][h][w];
        }
        sum += row;
      }
      let squares = 0;
      for (const i of range(H)) {
        let part = 0;
        for (const j of range(W)) {
          const d = x[n][c][i][j] - sum * (1 / (H * W));
          part += d * d;
        }
        squares += part;
      }
      const gain = s[c] / sqrt(squares * (1 / (H * W)) + EPS);
      for (const p of range(H)) {
        for (const q of range(W)) {
          const v = (x[n][c][p][q] - sum * (1 / (H * W))) * gain + t[c];
          y[n][c][p][q] = ending(v, 0, 0, EPILOGUE);
        }
      }
    }
  }
}
