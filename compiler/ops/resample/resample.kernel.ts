import {
  type Indices,
  type Input,
  type Output,
  range,
  type Sizes,
  stack,
  type Weight,
} from "../../language/kernel.ts";

/**
 * Images of another size (ONNX Resize-19 along H and W, linear and cubic, antialiased or not): each row is a weighted sum of KH
 * rows of x, each column of it one of KW columns. Row h is made of `rows[h * KH + k]` with the weights `rw[h * KH + k]`, columns
 * likewise. x: [N, C, IH, IW], rows, rw: [RT = H * KH], columns, cw: [CT = W * KW], y: [N, C, H, W].
 */
export function resample(
  { N, C, H, W, IW, KH, KW }: Sizes<"N C H W IW KH KW IH RT CT">,
  x: Input<["N", "C", "IH", "IW"]>,
  rows: Indices<["RT"], "IH">,
  rw: Weight<["RT"]>,
  columns: Indices<["CT"], "IW">,
  cw: Weight<["CT"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        const line = stack([IW]);
        for (const iw of range(IW)) {
          let sum = 0;
          for (const kh of range(KH)) {
            sum += x[n][c][rows[h * KH + kh]][iw] * rw[h * KH + kh];
          }
          line[iw] = sum;
        }
        for (const w of range(W)) {
          let acc = 0;
          for (const kw of range(KW)) {
            acc += line[columns[w * KW + kw]] * cw[w * KW + kw];
          }
          y[n][c][h][w] = acc;
        }
      }
    }
  }
}
