import { type Input, type Output, power, range, type Sizes, stack } from "../../language/kernel.ts";

export type LrnSizes = Sizes<"N C H W D SIZE BEFORE AFTER BIAS SCALE EXPONENT">;

/**
 * Each element divided by a power of the squares of its neighbours among the channels, SIZE of them, BEFORE of these before it
 * (ONNX LRN-13): y = x * (BIAS + SCALE * sum)^EXPONENT. D is C + SIZE - 1, AFTER what follows an element. x, y: [N, C, H, W].
 */
export function lrn(
  { N, C, H, W, D, SIZE, BEFORE, AFTER, BIAS, SCALE, EXPONENT }: LrnSizes,
  x: Input<["N", "C", "H", "W"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const h of range(H)) {
      for (const w of range(W)) {
        const squares = stack([D]);
        for (const b of range(BEFORE)) {
          squares[b] = 0;
        }
        for (const c of range(C)) {
          squares[BEFORE + c] = x[n][c][h][w] * x[n][c][h][w];
        }
        for (const a of range(AFTER)) {
          squares[BEFORE + C + a] = 0;
        }
        for (const c of range(C)) {
          let sum = 0;
          for (const k of range(SIZE)) {
            sum += squares[c + k];
          }
          y[n][c][h][w] = x[n][c][h][w] * power(BIAS + SCALE * sum, EXPONENT);
        }
      }
    }
  }
}
