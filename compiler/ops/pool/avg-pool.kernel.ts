import { type Input, type Output, range, type Sizes, type Weight } from "../../language/kernel.ts";

/**
 * Mean over a window (ONNX AveragePool-19). `x` holds its padding of zeros; `inv` is one over the number
 * of elements counted at each place, so count_include_pad is a matter of its values.
 * x: [N, C, IH, IW] with IH >= (OH-1)*SH + (KH-1)*DH + 1, inv: [OH, OW], y: [N, C, OH, OW].
 */
export function avgPool(
  { N, C, OH, OW, KH, KW, SH, SW, DH, DW }: Sizes<"N C OH OW KH KW SH SW DH DW IH IW">,
  x: Input<["N", "C", "IH", "IW"]>,
  inv: Weight<["OH", "OW"]>,
  y: Output<["N", "C", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const c of range(C)) {
      for (const oh of range(OH)) {
        for (const ow of range(OW)) {
          let acc = 0;
          for (const kh of range(KH)) {
            for (const kw of range(KW)) {
              acc += x[n][c][oh * SH + kh * DH][ow * SW + kw * DW];
            }
          }
          y[n][c][oh][ow] = acc * inv[oh][ow];
        }
      }
    }
  }
}
