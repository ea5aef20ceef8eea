import { type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Writes VALUE into the border of a tensor (ONNX Pad-13, constant mode, where the inside is already there):
 * T rows at the top, B at the bottom, L columns at the left, R at the right. y: [N, C, H, W], border included.
 */
export function fillHalo(
  { N, C, H, W, T, L, B, R, VALUE }: Sizes<"N C H W T L B R VALUE">,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const ht of range(T)) {
        for (const wt of range(W)) {
          y[n][c][ht][wt] = VALUE;
        }
      }
      for (const hl of range(H - T - B)) {
        for (const wl of range(L)) {
          y[n][c][T + hl][wl] = VALUE;
        }
      }
      for (const hr of range(H - T - B)) {
        for (const wr of range(R)) {
          y[n][c][T + hr][W - R + wr] = VALUE;
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
