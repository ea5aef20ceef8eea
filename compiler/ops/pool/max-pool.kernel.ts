import { type Input, max, type Output, range, type Sizes } from "../../language/kernel.ts";

/**
 * Maximum over a window (ONNX MaxPool-12, one output). `x` holds its padding of -Infinity:
 * IH >= (OH-1)*SH + (KH-1)*DH + 1, IW likewise. x: [N, C, IH, IW], y: [N, C, OH, OW].
 */
export function maxPool(
  { N, C, OH, OW, KH, KW, SH, SW, DH, DW }: Sizes<"N C OH OW KH KW SH SW DH DW IH IW">,
  x: Input<["N", "C", "IH", "IW"]>,
  y: Output<["N", "C", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const oh of range(OH)) {
        for (const ow of range(OW)) {
          let acc = -Infinity;
          for (const kh of range(KH)) {
            for (const kw of range(KW)) {
              acc = max(acc, x[n][c][oh * SH + kh * DH][ow * SW + kw * DW]);
            }
          }
          y[n][c][oh][ow] = acc;
        }
      }
    }
  }
}
