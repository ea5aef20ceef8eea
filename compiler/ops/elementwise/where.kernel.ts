import { choose, type Input, type Output, range, type Sizes } from "../../language/kernel.ts";

function chosen(when: number, a: number, b: number, UNSURE: number): number {
  return UNSURE ? choose(when, a, b) + (when - when) : choose(when, a, b);
}

export type WhereSizes = Sizes<
  "N C H W A0 A1 A2 A3 B0 B1 B2 B3 C0 C1 C2 C3 CN CC CH CW AN AC AH AW BN BC BH BW",
  "UNSURE"
>;

/**
 * Elements of one tensor where a condition is not 0, else of another (ONNX Where-16), the three spread over each other as
 * elementwise.kernel.ts has it. UNSURE: a condition that is no number gives none. when: [CN, CC, CH, CW], a: [AN, AC, AH, AW],
 * b: [BN, BC, BH, BW], y: [N, C, H, W].
 */
export function where(
  { N, C, H, W, A0, A1, A2, A3, B0, B1, B2, B3, C0, C1, C2, C3, UNSURE = 0 }: WhereSizes,
  when: Input<["CN", "CC", "CH", "CW"]>,
  a: Input<["AN", "AC", "AH", "AW"]>,
  b: Input<["BN", "BC", "BH", "BW"]>,
  y: Output<["N", "C", "H", "W"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const h of range(H)) {
        for (const w of range(W)) {
          y[n][c][h][w] = chosen(
            when[n * C0][c * C1][h * C2][w * C3],
            a[n * A0][c * A1][h * A2][w * A3],
            b[n * B0][c * B1][h * B2][w * B3],
            UNSURE,
          );
        }
      }
    }
  }
}
