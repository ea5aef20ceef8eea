import { type Input, type Output, range, type Weight } from "../../language/kernel.ts";
import { biasOf, ending, residualOf, slopeOf } from "../epilogue/epilogue.kernel.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";

/**
 * Grouped 2-D convolution by weights that are computed while the network runs (ONNX Conv-11, whose W may be any tensor), with bias, residual
 * add, activation and clamp: conv2d.kernel.ts.
 */
export function dynamicConv2d(
  { N, G, OC, IC, OH, OW, KH, KW, SH, SW, DH, DW, ...EPILOGUE }: ConvSizes,
  x: Input<["N", "G", "IC", "IH", "IW"]>,
  w: Input<["G", "OC", "IC", "KH", "KW"]>,
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
            let acc = biasOf(b, g, oc, EPILOGUE);
            for (const ic of range(IC)) {
              for (const kh of range(KH)) {
                for (const kw of range(KW)) {
                  acc += x[n][g][ic][oh * SH + kh * DH][ow * SW + kw * DW] * w[g][oc][ic][kh][kw];
                }
              }
            }
            const residual = residualOf(r, n, g, oc, oh, ow, EPILOGUE);
            y[n][g][oc][oh][ow] = ending(acc, residual, slopeOf(a, g, oc, EPILOGUE), EPILOGUE);
          }
        }
      }
    }
  }
}
