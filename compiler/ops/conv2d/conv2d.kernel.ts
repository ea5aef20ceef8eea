import { type Dims, type Input, type Output, range, type Weight } from "../../language/kernel.ts";
import { ending } from "../activation/activate.kernel.ts";

/**
 * Grouped 2-D convolution with bias, residual add, activation and clamp (ONNX Conv-11, then Add, an activation and Clip).
 * `x` holds its padding: IH = (OH-1)*SH + (KH-1)*DH + 1 rows at least. BIAS and SLOPES are 0 or 1: with slopes `a`, each
 * channel has one of its own in place of ALPHA (ONNX PRelu-16). RES says where `r` is added (activate.kernel.ts).
 */
export function conv2d(
  {
    N,
    G,
    OC,
    IC,
    OH,
    OW,
    KH,
    KW,
    SH,
    SW,
    DH,
    DW,
    BIAS,
    RES,
    LO,
    HI,
    ACT = 0,
    ALPHA = 0,
    BETA = 0,
    SLOPES = 0,
  }: Dims,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  w: Weight<["G", "OC", "IC", "KH", "KW"]>,
  b: Weight<["G", "OC"]>,
  a: Weight<["G", "OC"]>,
  r: Input<["N", "G", "OC", "OH", "OW"]>,
  y: Output<["N", "G", "OC", "OH", "OW"]>,
): void {
  for (const n of range(N)) {
    for (const g of range(G)) {
      for (const oc of range(OC)) {
        for (const oh of range(OH)) {
          for (const ow of range(OW)) {
            let acc = BIAS ? b[g][oc] : 0;
            for (const ic of range(IC)) {
              for (const kh of range(KH)) {
                for (const kw of range(KW)) {
                  acc += x[n][g][ic][oh * SH + kh * DH][ow * SW + kw * DW] * w[g][oc][ic][kh][kw];
                }
              }
            }
            const residual = RES ? r[n][g][oc][oh][ow] : 0;
            const alpha = SLOPES ? a[g][oc] : ALPHA;
            y[n][g][oc][oh][ow] = ending(acc, residual, RES, ACT, alpha, BETA, LO, HI);
          }
        }
      }
    }
  }
}
