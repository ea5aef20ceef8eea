import { type Input, max, type Output, range, type Sizes, stack } from "../../language/kernel.ts";

/**
 * Maximum over a window (ONNX MaxPool-12, one output), of its columns first: windows beside each other share these. `x` holds its padding
 * of -Infinity: IH >= (OH-1)*SH + (KH-1)*DH + 1, IW likewise. x: [N, C, IH, IW], y: [N, C, OH, OW].
 */
export function maxPool(
  { N, C, OH, OW, KH, KW, SH, SW, DH, DW }: Sizes<"N C OH OW KH KW SH SW DH DW IH IW">,
  x: Input<["N", "C", "IH", "IW"]>,
  y: Output<["N", "C", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const oh of range(OH)) {
        const column = stack([(OW - 1) * SW + (KW - 1) * DW + 1]);
        for (const iw of range((OW - 1) * SW + (KW - 1) * DW + 1)) {
          let part = -Infinity;
          for (const kh of range(KH)) {
            part = max(part, x[n][c][oh * SH + kh * DH][iw]);
          }
          column[iw] = part;
        }
        for (const ow of range(OW)) {
          let acc = -Infinity;
          for (const kw of range(KW)) {
            acc = max(acc, column[ow * SW + kw * DW]);
          }
          y[n][c][oh][ow] = acc;
        }
      }
    }
  }
}
