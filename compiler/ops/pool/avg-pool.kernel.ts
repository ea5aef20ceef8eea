import { type Input, type Output, range, type Sizes, stack, type Weight } from "../../language/kernel.ts";

/**
 * Mean over a window (ONNX AveragePool-19), the sums of its columns first: windows beside each other share these. `x` holds its padding of
 * zeros; `inv` is one over the number of elements counted at each place, so count_include_pad is a matter of its values.
 * x: [N, C, IH, IW] with IH >= (OH-1)*SH + (KH-1)*DH + 1, IW likewise, inv: [OH, OW], y: [N, C, OH, OW].
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
        const column = stack([(OW - 1) * SW + (KW - 1) * DW + 1]);
        for (const iw of range((OW - 1) * SW + (KW - 1) * DW + 1)) {
          let part = 0;
          for (const kh of range(KH)) {
            part += x[n][c][oh * SH + kh * DH][iw];
          }
          column[iw] = part;
        }
        for (const ow of range(OW)) {
          let acc = 0;
          for (const kw of range(KW)) {
            acc += column[ow * SW + kw * DW];
          }
          y[n][c][oh][ow] = acc * inv[oh][ow];
        }
      }
    }
  }
}
