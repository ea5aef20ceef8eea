import { type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Images with VALUE around them (ONNX Pad-19, constant mode): T rows at the top, B at the bottom, L columns at the left, R at the
 * right; inside them lies what begins at row Y0 and column X0 of x, so pads below 0 leave rows and columns away.
 * x: [N, C, IH, IW], y: [N, C, H, W].
 */
export function pad(
  { N, C, H, W, T, L, B, R, Y0, X0, VALUE }: Sizes<"N C H W T L B R Y0 X0 VALUE IH IW">,
  x: Input<["N", "C", "IH", "IW"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const ht of range(T)) {
        for (const wt of range(W)) {
          y[n][c][ht][wt] = VALUE;
        }
      }
      for (const h of range(H - T - B)) {
        for (const wl of range(L)) {
          y[n][c][T + h][wl] = VALUE;
        }
        for (const w of range(W - L - R)) {
          y[n][c][T + h][L + w] = x[n][c][Y0 + h][X0 + w];
        }
        for (const wr of range(R)) {
          y[n][c][T + h][W - R + wr] = VALUE;
        }
      }
      for (const hb of range(B)) {
        for (const wb of range(W)) {
          y[n][c][H - B + hb][wb] = VALUE;
        }
      }
    }
  }
}
